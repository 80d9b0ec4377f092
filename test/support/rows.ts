/** Rows of every form, valid and invalid: a listing has to read each as its schema alone does. */
import * as Operation from "@cloud-quota/core/adapter/Operation"
import { assert } from "@effect/vitest"
import { BigDecimal, Redacted, Result, Schema, SchemaAST } from "effect"

/**
 * Values that some schema takes, and others do not. A secret field makes a secret of each long text here, so
 * no other test may use the same.
 */
const values: ReadonlyArray<unknown> = [
  undefined,
  null,
  "",
  " ",
  "joined",
  "60001",
  "-7",
  "12.50",
  "+0.1",
  "1e3",
  "1.5e-3",
  "1.5e-100",
  "9007199254740997",
  "TRUE",
  "2031-07-19T03:04:05Z",
  "2031-02-30T03:04:05+08:00",
  0,
  -0,
  1,
  -1,
  3,
  60001,
  1_762_000_000,
  0.1,
  12.25,
  -60.5,
  0.000_012_3,
  1.1e-7,
  1e300,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  Number.NaN,
  5n,
  -1n,
  9007199254740993n,
  BigDecimal.fromStringUnsafe("-1"),
  BigDecimal.fromStringUnsafe("59.12345678901234567890"),
  true,
  false,
  {},
  [],
  [1],
  ["a"],
  [{}],
  Redacted.make("secret")
]

/** The objects that a schema takes. */
const objectsIn = (ast: SchemaAST.AST): ReadonlyArray<SchemaAST.Objects> => {
  const from = ast.encoding?.at(-1)?.to
  if (from !== undefined) return objectsIn(from)
  if (SchemaAST.isUnion(ast)) return ast.types.flatMap(objectsIn)
  return SchemaAST.isObjects(ast) ? [ast] : []
}

const decodes = (ast: SchemaAST.AST) => {
  const decode = Schema.decodeUnknownResult(Schema.make<Operation.Wire>(ast))
  return (value: unknown): boolean => Result.isSuccess(decode(value))
}

/** A valid object, and others that differ from it in one field. */
const objectsOf = ({ propertySignatures }: SchemaAST.Objects): ReadonlyArray<object> => {
  const fields = propertySignatures.map(({ name, type }) => ({
    name,
    given: [...values, ...objectsIn(type).flatMap(objectsOf)],
    isValid: decodes(type)
  }))
  const valid = fields.map(({ given, isValid, name }) => [name, given.find(isValid)] as const)
  return [
    Object.fromEntries(valid),
    ...fields.flatMap(({ given, name }) => [
      Object.fromEntries(valid.filter(([other]) => other !== name)),
      ...given.map((value) => Object.fromEntries([...valid, [name, value]]))
    ])
  ]
}

/** Asserts that a listing reads rows as its schema does, and says of the others what the schema says. */
export const assertRowsAsSchema = (operation: Operation.Listing): void => {
  const { answer, rows } = operation
  const given = [...values, ...objectsIn(rows.row.ast).flatMap(objectsOf)]
  const [others] = objectsIn(answer.ast).flatMap(objectsOf)
  const decode = Operation.decoderOf(operation)
  const decoded = Result.getOrThrow(decode({ ...others, [rows.field]: given }, {}))
  // Secrets are hidden before rows are read.
  const raw = decoded.raw[rows.field]
  assert.isTrue(Array.isArray(raw) && raw.length === given.length)
  const expected = Array.isArray(raw) ? raw.map(Operation.reader(rows.row)) : []
  assert.isAbove(expected.filter(Result.isSuccess).length, 3)
  assert.deepStrictEqual(
    decoded[rows.field],
    expected.filter(Result.isSuccess).map(({ success }) => success)
  )
  assert.deepStrictEqual(
    decoded.unreadable,
    expected.flatMap((result, index) =>
      Result.isFailure(result) ? [{ index, problem: result.failure }] : []
    )
  )
}

/** The listings of a table of operations. */
export const listingsOf = (
  operations: Readonly<Record<string, Operation.Operation>>
): ReadonlyArray<Operation.Listing> =>
  Object.values(operations).filter((operation): operation is Operation.Listing => "rows" in operation)
