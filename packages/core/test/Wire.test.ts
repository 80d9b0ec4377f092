import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import { invalid } from "@cloud-quota/core/CloudQuotaError"
import * as Json from "@cloud-quota/core/Json"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as Lenient from "@cloud-quota/core/adapter/Lenient"
import * as Operation from "@cloud-quota/core/adapter/Operation"
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Equal } from "effect"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { assertRowsAsSchema } from "../../../test/support/rows.ts"

const Id = Lenient.between(1, 4_294_967_295)

const Relation = Schema.Struct({
  VirtualCompanyId: Lenient.Whole,
  Status: Lenient.openEnum("joined", "Pending"),
  AllocateAmount: Lenient.nullish(Lenient.Fen)
})

const operations = {
  getTeam: {
    name: "GetTeam",
    safety: "read",
    request: Schema.Struct({
      TeamId: Schema.optionalKey(Id),
      VirtualCompanyId: Schema.optionalKey(Id)
    }).pipe(
      Schema.check(
        Schema.makeFilter(
          ({ TeamId, VirtualCompanyId }) =>
            (TeamId === undefined) !== (VirtualCompanyId === undefined) ||
            "give exactly one of TeamId and VirtualCompanyId"
        )
      )
    ),
    answer: Schema.Struct({ Team: Lenient.nullish(Schema.Struct({ Id: Lenient.Whole })) }),
    rows: { field: "TeamRelation", row: Relation },
    doc: "A team with all its members.",
    source: "the test"
  },
  setAmount: {
    name: "SetAmount",
    safety: "delta",
    request: Schema.Struct({
      TeamId: Id,
      VirtualCompanyId: Schema.NonEmptyArray(Id),
      Amount: Lenient.Fen,
      OperateType: Schema.Literals(["AllocateAmount", "WithdrawAmount"])
    }),
    answer: Schema.Struct({
      FailedMembers: Lenient.nullish(Schema.Record(Schema.String, Schema.Struct({ Code: Lenient.Whole })))
    }),
    doc: "Moves money.",
    source: "the test"
  },
  ping: {
    name: "Ping",
    safety: "read",
    request: Schema.Struct({}),
    answer: Schema.Struct({}),
    doc: "Answers.",
    source: "the test"
  },
  lendKeys: {
    name: "LendKeys",
    safety: "create",
    request: Schema.Struct({}),
    answer: Schema.Struct({ credential: Schema.Struct({ access: Lenient.Text, secret: Lenient.Secret }) }),
    secret: ["credential.secret"],
    doc: "Lends keys.",
    source: "the test"
  }
} as const satisfies Readonly<Record<string, Operation.Operation | Operation.Listing>>

const sent: Array<{ readonly name: string; readonly safety: string; readonly params: Operation.Fields }> = []

/** A client whose provider answers with this text. */
const clientOf = (body: string) =>
  Operation.client(operations, {
    name: "TestClient",
    send: ({ decode, operation, params, safety }) => {
      sent.push({ name: operation.name, safety, params })
      return Effect.mapError(Effect.fromResult(Result.flatMap(Json.parse(body), decode)), (problem) =>
        refusal(operation.name, "answer", String(problem))
      )
    },
    refuse: ({ name }, { field, message }) => refusal(name, field, message)
  })

const refusal = (operation: string, field: string, message: string): CloudQuotaError =>
  invalid({ provider: "test", operation, field, message })

const refused = <A>(effect: Effect.Effect<A, CloudQuotaError>): Promise<string> =>
  Effect.runPromise(Effect.map(Effect.flip(effect), ({ reason }) => reason.message))

describe("an operation as a value", () => {
  it("is a method that speaks the provider's words, exactly", async () => {
    sent.length = 0
    const answer = await Effect.runPromise(
      clientOf(
        '{"Team":{"Id":"1001"},"TeamRelation":[{"Status":"joined","VirtualCompanyId":60001,"AllocateAmount":9007199254740993,"New":7},{"Status":"odd","VirtualCompanyId":0,"AllocateAmount":null}],"RetCode":0}'
      ).getTeam({ TeamId: 1001 })
    )
    assert.deepStrictEqual(sent, [{ name: "GetTeam", safety: "read", params: { TeamId: 1001 } }])
    const [first, second] = answer.TeamRelation
    assert.strictEqual(String(first?.AllocateAmount), "90071992547409.93 CNY")
    assert.strictEqual(second?.AllocateAmount, null)
    assert.strictEqual(second?.Status, "odd")
    assert.strictEqual(answer.Team?.Id, 1001)
    assert.deepStrictEqual(answer.unreadable, [])
    assert.deepInclude(Operation.rawRows(answer, "TeamRelation")[0], { New: 7 })
    assert.strictEqual(answer.raw["RetCode"], 0)
  })

  it("writes its fields in the order of the schema, and amounts as the wire has them", async () => {
    sent.length = 0
    await Effect.runPromise(
      clientOf("{}").setAmount({
        OperateType: "AllocateAmount",
        Amount: Quantity.cny("500"),
        VirtualCompanyId: [60001],
        TeamId: 1001
      })
    )
    assert.deepStrictEqual(Object.entries(sent[0]?.params ?? {}), [
      ["TeamId", 1001],
      ["VirtualCompanyId", [60001]],
      ["Amount", 50000n],
      ["OperateType", "AllocateAmount"]
    ])
    assert.strictEqual(sent[0]?.safety, "delta")
  })

  it("refuses what it cannot take, by field and remedy, and without the value", async () => {
    const client = clientOf("{}")
    const amount = { TeamId: 1, VirtualCompanyId: [1], OperateType: "AllocateAmount" } as const
    const cases: ReadonlyArray<readonly [unknown, string]> = [
      [{ ...amount, Amount: 100000 }, 'Amount: give a quantity, as Quantity.cny("500"), not a number of fen'],
      [
        { ...amount, Amount: Quantity.cny("0.001") },
        "Amount: give CNY in whole fen: round it to 0.01 CNY first"
      ],
      [
        { ...amount, Amount: Quantity.minutes(1) },
        "Amount: give CNY in whole fen: round it to 0.01 CNY first"
      ],
      [
        { ...amount, Amount: Quantity.cny("1"), Teamid: 1 },
        "Teamid: is not known here: did you mean TeamId?"
      ],
      [
        { ...amount, Amount: Quantity.cny("1"), TeamId: 0 },
        "TeamId: give a whole number from 1 to 4294967295"
      ]
    ]
    sent.length = 0
    for (const [request, message] of cases) {
      assert.strictEqual(await refused(client.setAmount(request as never)), message)
    }
    assert.match(await refused(client.lendKeys({ odd: 1 } as never)), /is not known here/)
    assert.match(await refused(client.getTeam({})), /give exactly one of TeamId and VirtualCompanyId/)
    assert.deepStrictEqual(sent, [])
  })

  it("has in an answer what is declared, and all else in its body as it came", async () => {
    const { raw, ...answer } = await Effect.runPromise(clientOf('{"odd":1}').ping())
    assert.deepStrictEqual(answer, {})
    assert.deepStrictEqual(raw, { odd: 1 })
  })

  it("leaves out a row that cannot be read, and says which; a part that is one piece fails", async () => {
    const answer = await Effect.runPromise(
      clientOf(
        '{"TeamRelation":[{"Status":"joined","VirtualCompanyId":1.5},{"VirtualCompanyId":2,"Status":"joined"},7]}'
      ).getTeam({ TeamId: 1 })
    )
    assert.deepStrictEqual(
      answer.TeamRelation.map((row) => row.VirtualCompanyId),
      [2]
    )
    assert.deepStrictEqual(
      answer.unreadable.map(({ index }) => index),
      [0, 2]
    )
    assert.strictEqual(answer.unreadable[0]?.problem, "VirtualCompanyId: expected a whole number")
    assert.strictEqual(Operation.rawRows(answer, "TeamRelation")[0]?.["VirtualCompanyId"], 2)
    const none = await Effect.runPromise(clientOf('{"TeamRelation":null}').getTeam({ TeamId: 1 }))
    assert.deepStrictEqual(none.TeamRelation, [])
    const message = await refused(
      clientOf('{"FailedMembers":{"1":{"Code":"x"}}}').setAmount({
        TeamId: 1,
        VirtualCompanyId: [1],
        Amount: Quantity.cny("1"),
        OperateType: "WithdrawAmount"
      })
    )
    assert.strictEqual(message, "answer: FailedMembers.1.Code: expected a whole number")
  })

  it("hides what it declares secret, in the answer and in the body as it came", async () => {
    const answer = await Effect.runPromise(
      clientOf('{"credential":{"access":"AK","secret":"hunter-22222"}}').lendKeys()
    )
    assert.strictEqual(Redacted.value(answer.credential.secret), "hunter-22222")
    assert.notInclude(JSON.stringify(answer), "hunter")
  })
})

describe("lenient schemas", () => {
  const read = (schema: Operation.Wire, wire: unknown) =>
    Result.match(Schema.decodeUnknownResult(schema)(wire), { onSuccess: String, onFailure: () => "refused" })

  it("read the ways in which providers write a value, and refuse the others", () => {
    const table: ReadonlyArray<readonly [Operation.Wire, unknown, string]> = [
      [Lenient.Whole, "42", "42"],
      [Lenient.Whole, -1, "-1"],
      [Lenient.Whole, 2 ** 53, "refused"],
      [Lenient.Whole, "1e3", "refused"],
      [Lenient.Whole, 1.5, "refused"],
      [Lenient.Text, 7, "7"],
      [Lenient.Text, null, "refused"],
      [Lenient.Name, "  ", "refused"],
      [Lenient.Truth, "YES", "true"],
      [Lenient.Truth, 0, "refused"],
      [Lenient.Count, -1, "refused"],
      [Lenient.UnixSeconds, 1_700_000_000, "1700000000"],
      [Lenient.UnixSeconds, 1_700_000_000_000, "refused"],
      [Lenient.Moment, "2021-01-10T08:43:17Z", "DateTime.Utc(2021-01-10T08:43:17.000Z)"],
      [Lenient.Moment, "2021-02-30T08:43:17Z", "refused"],
      [Lenient.Moment, "2021-01-10T08:43:17", "refused"],
      [Lenient.Fen, "12345678901234567890", "123456789012345678.90 CNY"],
      [Lenient.Fen, 1.5, "refused"],
      [Lenient.Fen, "", "refused"],
      [Lenient.Yuan, "8.50", "8.50 CNY"],
      [Lenient.Yuan, 4.69928, "4.69928 CNY"],
      [Lenient.Yuan, "1_0", "refused"],
      [Lenient.decimal("minute"), 17.48, "17.48 min"],
      ...[2 ** 53, 9007199254740993n, "7a", true, null].map(
        (wire) => [Lenient.Whole, wire, "refused"] as const
      ),
      [Lenient.Text, 9007199254740993n, "9007199254740993"],
      ...[true, {}, []].map((wire) => [Lenient.Text, wire, "refused"] as const),
      ...[1, "1", "", null].map((wire) => [Lenient.Truth, wire, "refused"] as const),
      [Lenient.Truth, "No", "false"],
      ...[-1, 1.5, "soon"].map((wire) => [Lenient.UnixSeconds, wire, "refused"] as const),
      [Lenient.Moment, "2021-01-10T08:43:17.5+08:00", "DateTime.Utc(2021-01-10T00:43:17.500Z)"],
      [Lenient.Moment, "2024-02-29T00:00:00+08:00", "DateTime.Utc(2024-02-28T16:00:00.000Z)"],
      ...["2021-01-10", "2021-13-10T08:43:17Z", "2021-02-29T08:43:17Z", "soon", "", 1_600_000_000].map(
        (wire) => [Lenient.Moment, wire, "refused"] as const
      ),
      ...["", " ", "1,5", "1.", ".5", "0x10", "NaN", "1e999", Number.NaN, null, {}, true].map(
        (wire) => [Lenient.Yuan, wire, "refused"] as const
      )
    ]
    for (const [schema, wire, wanted] of table) assert.strictEqual(read(schema, wire), wanted, String(wire))
  })
  it.prop(
    "keep every digit of an amount, as it stands in the JSON and as text",
    [Arbitrary.schema(Schema.String.check(Schema.isPattern(/^-?[1-9]\d{0,25}\.\d{1,20}$/)))],
    ([text]) => {
      for (const wire of [Result.getOrThrow(Json.parse(text)), text]) {
        const amount = Schema.decodeUnknownSync(Lenient.Yuan)(wire)
        assert.isTrue(Equal.equals(amount, Quantity.cny(text)), text)
      }
    }
  )
})

describe("the rows of a listing", () => {
  const forms = {
    Amount: Lenient.decimal("CNY"),
    Between: Lenient.between(1, 60001),
    Blank: Lenient.orBlank(Lenient.Moment),
    Checked: Lenient.Count.pipe(Schema.check(Schema.isLessThan(5))),
    Count: Lenient.Count,
    Decimal: Lenient.Decimal,
    Fen: Lenient.Fen,
    Id: Schema.NonEmptyString,
    Json: Schema.Unknown,
    Name: Lenient.Name,
    Nested: Lenient.nullish(Schema.Struct({ Code: Lenient.Whole, Texts: Schema.Array(Lenient.Text) })),
    OneOf: Schema.Union([Lenient.Whole, Lenient.Name], { mode: "oneOf" }),
    Secret: Lenient.nullish(Lenient.Secret),
    Text: Lenient.Text,
    Truth: Lenient.Truth,
    Seconds: Lenient.UnixSeconds,
    Word: Schema.Literals(["joined", "pending"]),
    Yuan: Lenient.Yuan
  }
  it.each(Object.entries(forms))("are what the schema says: %s", (name, form) => {
    assertRowsAsSchema({
      ...operations.getTeam,
      rows: {
        field: "TeamRelation",
        row: Schema.Struct({ [name]: form, Other: Lenient.nullish(Lenient.Text) })
      }
    })
  })
})
