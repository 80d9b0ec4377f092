/** Our clients of both clouds, for one origin. */
import { CompShareClient } from "@cloud-quota/compshare"
import type { MetaStudioClient } from "@cloud-quota/metastudio"
import { Redacted } from "effect"
import { accessKey, privateKey, projectId, publicKey, secretKey } from "./keys.ts"

export const compshareOptions = (endpoint: string): CompShareClient.Options => ({
  publicKey,
  privateKey: Redacted.make(privateKey),
  endpoint
})

export const compshareClient = (endpoint: string, more: Partial<CompShareClient.Options> = {}) =>
  CompShareClient.make({ ...compshareOptions(endpoint), ...more })

export const metastudioOptions = (endpoint: string): MetaStudioClient.Options => ({
  credentials: { accessKey, secretKey: Redacted.make(secretKey) },
  endpoint,
  projectId
})
