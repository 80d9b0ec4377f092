/**
 * Where MetaStudio is offered. Regions share nothing: a sub-account's quota in one says nothing
 * about another.
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
  /** The billing service is the same one for all regions. */
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

/** The region of this id, or in words which there are. */
export const get = (id: string): Result.Result<Region, string> =>
  Result.fromNullishOr(
    all.find((known) => known.id === id),
    () =>
      `${JSON.stringify(id)} is not a region of MetaStudio: the regions are ${all.map((known) => known.id).join(" and ")}; give an endpoint for any other`
  )
