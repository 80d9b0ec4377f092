/** The vendor's own client, the core of its SDK. */
import { BasicCredentials } from "@huaweicloud/huaweicloud-sdk-core/auth/BasicCredentials.js"
import { ClientBuilder } from "@huaweicloud/huaweicloud-sdk-core/ClientBuilder.js"
import type { HcClient, HttpRequestOptions } from "@huaweicloud/huaweicloud-sdk-core/HcClient.js"
import { createRequire } from "node:module"
import { accessKey, projectId, secretKey, userId } from "./keys.ts"

// It would write each request to stdout.
const requireFromSdk = createRequire(
  createRequire(import.meta.url).resolve("@huaweicloud/huaweicloud-sdk-core/ClientBuilder.js")
)
requireFromSdk("log4js").configure({
  appenders: { nowhere: { type: "recording" } },
  categories: { default: { appenders: ["nowhere"], level: "off" } }
})

export const huawei = (origin: string): HcClient =>
  new ClientBuilder((client) => client)
    .withCredential(new BasicCredentials().withAk(accessKey).withSk(secretKey).withProjectId(projectId))
    .withEndpoint(origin)
    .withOptions({ axiosRequestConfig: { timeout: 5_000 } })
    .build()

const request = (more: Pick<HttpRequestOptions, "method" | "url"> & Partial<HttpRequestOptions>) => ({
  contentType: "application/json",
  queryParams: {},
  pathParams: {},
  headers: {},
  ...more
})

export const listUserQuotas = (client: HcClient): Promise<unknown> =>
  client.sendRequest(
    request({
      method: "GET",
      url: "/v1/{project_id}/user/quotas",
      queryParams: { limit: 100, offset: 0 }
    })
  )

export const updateUserQuotas = (client: HcClient, data: Record<string, unknown>): Promise<unknown> =>
  client.sendRequest(
    request({
      method: "PUT",
      url: "/v1/{project_id}/user/quotas/{user_id}",
      pathParams: { user_id: userId },
      data
    })
  )
