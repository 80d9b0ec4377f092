/**
 * The regions of MetaStudio. They share nothing: the quota of a sub-account in one is unrelated to its quota
 * in another.
 *
 * Source: the pages metastudio_02_0000 ("endpoints") and, for billing, "customer operation capabilities"
 * on support.huaweicloud.com.
 */
import * as Result from "effect/Result"

/** A region, with the origins of its APIs. */
export interface Region {
  readonly id: string
  readonly endpoint: string
  readonly iamEndpoint: string
  /** All regions share one billing service. */
  readonly bssEndpoint: string
}

const region = (id: string): Region => ({
  id,
  endpoint: `https://metastudio.${id}.myhuaweicloud.com`,
  iamEndpoint: `https://iam.${id}.myhuaweicloud.com`,
  bssEndpoint: "https://bss.myhuaweicloud.com"
})

/** All regions that the vendor documents: `cn-north-4` is the commercial one. */
export const all: ReadonlyArray<Region> = [region("cn-north-4"), region("cn-east-3")]

/** Returns the region of this id, or a message that lists the regions. */
export const get = (id: string): Result.Result<Region, string> =>
  Result.fromNullishOr(
    all.find((known) => known.id === id),
    () =>
      `${JSON.stringify(id)} is not a region of MetaStudio: the regions are ${all.map((known) => known.id).join(" and ")}; give an endpoint for any other`
  )
