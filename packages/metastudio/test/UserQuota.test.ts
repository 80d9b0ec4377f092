/**
 * The limits on the wire and in the neutral vocabulary.
 */
import { assert, describe, it } from "@effect/vitest"
import { Json, Limit, Quantity } from "@cloud-quota/core"
import * as Operation from "@cloud-quota/core/adapter/Operation"
import { Quotas } from "@cloud-quota/metastudio"
import { Result, Schema } from "effect"

const between = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))
const count = Schema.optionalKey(between(-1, 10_000_000))
const minutes = Schema.optionalKey(between(-1, 999_999_999))

const Wire = Schema.Struct({
  modeling_count_2d_model: count,
  modeling_count_2d_model_flexus: count,
  video_time_2d_model: minutes,
  video_time_flexus_2d_model: minutes,
  voice_clone_basic: count,
  voice_clone_middle: count,
  voice_clone_advance: count,
  voice_clone_flexus: count
})

type Asset = Quotas.Asset & { readonly raw: Operation.Fields }

const { listUserQuotas, updateUserQuotas } = Quotas.quotaOperations
const decodeListing = Operation.decoderOf(listUserQuotas)
const encodeRequest = Operation.encoderOf(updateUserQuotas)

/** A row as it comes off the wire: through text and the exact JSON reader. */
const decodeText = (text: string): Result.Result<Asset, string> =>
  Result.gen(function* () {
    const body = Result.getOrThrow(Json.parse(`{"count":1,"assets":[${text}]}`))
    const answer = yield* decodeListing(body, {})
    const [asset] = answer.assets
    const [raw = {}] = Operation.rawRows(answer, "assets")
    return asset === undefined ? yield* Result.fail(answer.unreadable[0]?.problem ?? "") : { ...asset, raw }
  })
const decodeRow = (row: unknown) => decodeText(JSON.stringify(row))
const decodeQuota = (quota: string) => decodeText(`{"user_id":"u1","quota":{${quota}}}`)
const decodeUsage = (usage: string) => decodeText(`{"user_id":"u1","quota":{},"usage":{${usage}}}`)

/** The limits of a request as the wire has them, or the field at fault with its remedy. */
const encode = (quota: object): Result.Result<unknown, string> =>
  Result.mapBoth(encodeRequest({ user_id: "u1", quota }), {
    onSuccess: ({ quota }) => quota,
    onFailure: ({ field, message }) => `${field}: ${message}`
  })

describe("UserQuota", () => {
  it("has the eight fields under their neutral names", () => {
    assert.deepStrictEqual(
      Object.entries(Quotas.metrics).map(([name, { id, maximum, unit }]) => [
        id,
        name,
        unit,
        String(maximum)
      ]),
      [
        ["avatar-models", "modeling_count_2d_model", "count", "10000000"],
        ["avatar-models-flexus", "modeling_count_2d_model_flexus", "count", "10000000"],
        ["video-minutes", "video_time_2d_model", "minute", "999999999 min"],
        ["video-minutes-flexus", "video_time_flexus_2d_model", "minute", "999999999 min"],
        ["voice-clones-basic", "voice_clone_basic", "count", "10000000"],
        ["voice-clones-middle", "voice_clone_middle", "count", "10000000"],
        ["voice-clones-advance", "voice_clone_advance", "count", "10000000"],
        ["voice-clones-flexus", "voice_clone_flexus", "count", "10000000"]
      ]
    )
    assert.deepStrictEqual<ReadonlyArray<string>>(Object.keys(Wire.fields), Quotas.limitNames)
    for (const metric of Object.values(Quotas.metrics))
      assert.isTrue(metric.unlimited && metric.kind === "ceiling")
  })

  it.prop(
    "gives back on the wire what it read there, and leaves out what was left out",
    [Wire],
    ([quota]) => {
      // A request without limits is refused.
      if (Object.keys(quota).length === 0) return
      const row = Result.getOrThrow(decodeRow({ user_id: "u1", quota }))
      assert.deepStrictEqual(Result.getOrThrow(encode(row.quota ?? {})), quota)
    }
  )

  it("reads -1 as unlimited, and writes unlimited as -1", () => {
    for (const name of Quotas.limitNames) {
      const { quota } = Result.getOrThrow(decodeQuota(`"${name}":-1`))
      assert.deepStrictEqual(quota?.[name], Limit.unlimited)
      assert.deepStrictEqual(Result.getOrThrow(encode({ [name]: Limit.unlimited })), { [name]: -1 })
    }
    assert.strictEqual(
      Result.getOrThrow(decodeQuota(`"video_time_2d_model":-1.0`)).quota?.video_time_2d_model,
      Limit.unlimited
    )
  })

  it("never reads -1 as unlimited in the usage", () => {
    assert.isTrue(Result.isFailure(decodeUsage(`"video_time_2d_model":-1`)))
    assert.isTrue(Result.isFailure(decodeUsage(`"voice_clone_basic":-0.5`)))
  })

  it("reads fractions of minutes exactly", () => {
    const usage = Result.getOrThrow(decodeUsage(`"video_time_2d_model":59.12345678901234567890`)).usage
    assert.strictEqual(String(usage?.video_time_2d_model), "59.1234567890123456789 min")
    const { quota } = Result.getOrThrow(decodeQuota(`"video_time_2d_model":600.0`))
    assert.deepStrictEqual(Result.getOrThrow(encode(quota ?? {})), { video_time_2d_model: 600 })
  })

  it("writes whole minutes only, in range, in the unit", () => {
    const refused = [
      { video_time_2d_model: Limit.finite(Quantity.minutes("0.5")) },
      { video_time_2d_model: Limit.finite(Quantity.minutes(1_000_000_000)) },
      { video_time_2d_model: Limit.finite(Quantity.minutes(-1)) },
      { video_time_2d_model: Limit.finite(Quantity.count(5)) },
      { voice_clone_basic: Limit.finite(Quantity.count(10_000_001)) }
    ]
    for (const limits of refused) {
      const encoded = encode(limits)
      assert.isTrue(
        Result.isFailure(encoded) && encoded.failure.startsWith(`quota.${Object.keys(limits)[0]}: `)
      )
    }
  })

  it("refuses a name that is none, such as the one that flexus minutes do not have", () => {
    const encoded = encode({ video_time_2d_model_flexus: Limit.unlimited })
    assert.strictEqual(
      Result.isFailure(encoded) && encoded.failure,
      `quota.video_time_2d_model_flexus: is not known here: the keys are ${Quotas.limitNames.join(", ")}`
    )
  })

  it("refuses limits out of their documented range", () => {
    for (const value of ["-2", "-1.5", "10000001", "9007199254740993", "1.5", '"5"', "true", "{}"]) {
      assert.isTrue(Result.isFailure(decodeQuota(`"voice_clone_basic":${value}`)), value)
    }
    assert.isTrue(Result.isFailure(decodeQuota(`"video_time_2d_model":1e300`)))
  })

  it("keeps absent what is absent, and null what is null", () => {
    const row = Result.getOrThrow(decodeQuota(`"voice_clone_basic":null,"voice_clone_flexus":0`))
    assert.deepStrictEqual(Object.keys(row.quota ?? {}).sort(), ["voice_clone_basic", "voice_clone_flexus"])
    assert.isNull(row.quota?.voice_clone_basic)
    assert.notProperty(row, "usage")
  })

  it("reads a sub-account without quota as one without limits", () => {
    for (const row of [{ user_id: "u1" }, { user_id: "u1", quota: null, usage: null }]) {
      const { raw, ...read } = Result.getOrThrow(decodeRow(row))
      assert.deepStrictEqual(read, row)
      assert.deepStrictEqual(raw, row)
    }
    const { usage } = Result.getOrThrow(decodeRow({ user_id: "u1", usage: { voice_clone_basic: 2 } }))
    assert.strictEqual(String(usage?.voice_clone_basic), "2")
  })

  it("keeps what it does not know in the raw row", () => {
    const row = { user_id: "u1", quota: { voice_clone_basic: 1, brand_new: 7 }, note: "x" }
    assert.deepStrictEqual(Result.getOrThrow(decodeRow(row)).raw, row)
  })

  it("refuses what is not a row", () => {
    for (const row of [
      null,
      [],
      1,
      "u1",
      {},
      { user_id: "", quota: {} },
      { user_id: "u1", quota: 5 },
      { user_id: 5, quota: {} },
      { user_id: "u1", quota: [] },
      { user_id: "u1", quota: {}, usage: 5 }
    ]) {
      assert.isTrue(Result.isFailure(decodeRow(row)), JSON.stringify(row))
    }
  })
})
