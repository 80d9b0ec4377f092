/** CompShare's GPU instances, and their zones. */
import * as Lenient from "@cloud-quota/core/adapter/Lenient"
import * as Schema from "effect/Schema"
import { Word, listOf, listing, page, pageFields, totalFields } from "./operation.ts"

/** A zone in which instances can be ordered. */
export const Zone = Schema.Struct({
  Region: Lenient.Text,
  Zone: Lenient.Text,
  /** Its name for people, as `华北二A`. */
  Describe: Lenient.nullish(Lenient.Text)
})
export interface Zone extends Schema.Schema.Type<typeof Zone> {}

/** A number of seconds in UCloud's SDKs, text in an undocumented form on the vendor's page. */
const Seconds = Schema.Union([Lenient.UnixSeconds, Lenient.Text])

/** A GPU instance. */
export const Instance = Schema.Struct({
  UHostId: Lenient.Text,
  Name: Lenient.nullish(Lenient.Text),
  /** Documented by the vendor's own command line only. */
  Region: Lenient.nullish(Lenient.Text),
  Zone: Lenient.nullish(Lenient.Text),
  /** As `Running` or `Stopped`. Empty if the provider could not find out. */
  State: Lenient.nullish(Lenient.Text),
  /** As `Month`, `Dynamic`, `Postpay`. */
  ChargeType: Lenient.nullish(Lenient.Text),
  GpuType: Lenient.nullish(Lenient.Text),
  GPU: Lenient.nullish(Lenient.Whole),
  CPU: Lenient.nullish(Lenient.Whole),
  /** MB. */
  Memory: Lenient.nullish(Lenient.Whole),
  /** `UHost` or `Container`. */
  InstanceType: Lenient.nullish(Lenient.Text),
  /** `Yes` or `No`. */
  AutoRenew: Lenient.nullish(Schema.Union([Lenient.Truth, Lenient.Text])),
  /** `Yes` or `No`. */
  IsExpire: Lenient.nullish(Schema.Union([Lenient.Truth, Lenient.Text])),
  CreateTime: Lenient.nullish(Seconds),
  ExpireTime: Lenient.nullish(Seconds),
  /** Base64. */
  Password: Lenient.nullish(Lenient.Secret)
})
export interface Instance extends Schema.Schema.Type<typeof Instance> {}

export const instanceOperations = {
  /** The zones of the platform. The request needs only valid keys, so it also tests them. */
  describeCompShareSupportZone: listing({
    name: "DescribeCompShareSupportZone",
    safety: "read",
    request: Schema.Struct({}),
    answer: Schema.Struct({}),
    rows: { field: "ZoneInfo", row: Zone },
    doc: "The zones of the platform.",
    source: "DescribeCompShareSupportZone"
  }),
  /** One page of the account's instances, in every region unless one is given. */
  describeCompShareInstance: listing({
    name: "DescribeCompShareInstance",
    safety: "read",
    everyRegion: true,
    request: Schema.Struct({
      Region: Schema.optionalKey(Word),
      /** Only together with `Region`. */
      Zone: Schema.optionalKey(Word),
      /** Any if absent. */
      UHostIds: Schema.optionalKey(listOf(Word)),
      ...pageFields
    }).pipe(
      Schema.check(
        Schema.makeFilter(
          ({ Region, Zone }) =>
            Zone === undefined ||
            Region !== undefined || { path: ["Zone"], issue: "give its Region, too, or leave both out" }
        )
      )
    ),
    answer: Schema.Struct(totalFields),
    rows: { field: "UHostSet", row: Instance },
    page: page("UHostSet", ({ UHostId }: Instance) => UHostId),
    // The addresses of `Softwares` can hold tokens.
    secret: ["UHostSet.Password", "UHostSet.SshLoginCommand", "UHostSet.Softwares"],
    doc: "One page of the account's instances.",
    source: "DescribeCompShareInstance"
  })
}
