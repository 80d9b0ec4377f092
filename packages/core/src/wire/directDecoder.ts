/**
 * Decodes valid values without Schema's interpreter, which makes a result for each value of each row.
 *
 * A decoder decides nothing that it does not know to be valid: it returns `undecided`, and the schema decodes the
 * value, or says what is wrong with it.
 */
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as SchemaAST from "effect/SchemaAST"

/** The value may be invalid: the schema has to decode it. */
export const undecided = Symbol("undecided")

/** Returns the decoded value, or {@link undecided}. */
export type DirectDecoder = (value: unknown) => unknown

/** The annotation of a declaration: its predicate. */
const predicate = "~cloud-quota/core/predicate"

/** Returns the annotations of a declaration whose values are those that a predicate accepts. */
export const acceptedBy = (is: (value: unknown) => boolean, message: string) => ({ message, [predicate]: is })

/** Makes the decoder of a schema, or returns `undefined` if it has a part that is not known here. */
export const directDecoder = (ast: SchemaAST.AST): DirectDecoder | undefined => {
  if ("encodingChecks" in ast && ast.encodingChecks !== undefined) return undefined
  const steps = [
    ...(ast.encoding ?? [])
      .toReversed()
      .flatMap(({ to, transformation }) => [directDecoder(to), transform(transformation)]),
    typeDecoder(ast),
    ...(ast.checks ?? []).flatMap((check) => checkDecoders(ast, check))
  ]
  const known = allOf(steps)
  return known?.reduce((first, next) => (value) => {
    const decoded = first(value)
    return decoded === undecided ? undecided : next(decoded)
  })
}

/** Returns the decoders, if all of them are known. */
const allOf = (
  decoders: ReadonlyArray<DirectDecoder | undefined>
): ReadonlyArray<DirectDecoder> | undefined => {
  const known = decoders.filter((decoder) => decoder !== undefined)
  return known.length === decoders.length ? known : undefined
}

const options: SchemaAST.ParseOptions = {}

const transform = ({ _tag, decode }: SchemaAST.Link["transformation"]): DirectDecoder | undefined => {
  if (_tag === "Middleware") return undefined
  switch (decode._tag) {
    case "Passthrough":
      return (value) => value
    case "Transform":
      return decode.transform
    case "TransformEffect":
      return (value) => valueOf(decode.transform(value, options))
    default:
      return undefined
  }
}

const valueOf = (effect: Effect.Effect<unknown, unknown, unknown>): unknown =>
  Exit.isExit(effect) && Exit.isSuccess(effect) ? effect.value : undecided

const checkDecoders = (ast: SchemaAST.AST, check: SchemaAST.Check<unknown>): ReadonlyArray<DirectDecoder> =>
  check._tag === "FilterGroup"
    ? check.checks.flatMap((inner) => checkDecoders(ast, inner))
    : [(value) => (check.run(value, ast, options) === undefined ? value : undecided)]

/** Decodes the form of a value, without its transformations and checks. */
const typeDecoder = (ast: SchemaAST.AST): DirectDecoder | undefined => {
  switch (ast._tag) {
    case "Unknown":
      return (value) => value
    case "Null":
      return accepting((value) => value === null)
    case "String":
      return accepting((value) => typeof value === "string")
    case "Number":
      return accepting((value) => typeof value === "number")
    case "BigInt":
      return accepting((value) => typeof value === "bigint")
    case "Boolean":
      return accepting((value) => typeof value === "boolean")
    case "Literal":
      return accepting((value) => value === ast.literal)
    case "Declaration": {
      const is = ast.annotations?.[predicate]
      return typeof is === "function" ? accepting((value) => is(value) === true) : undefined
    }
    case "Union":
      return ast.options?.mode === "oneOf" ? undefined : firstOf(ast.types.map(directDecoder))
    case "Objects":
      return objectDecoder(ast)
    default:
      return undefined
  }
}

const accepting =
  (is: (value: unknown) => boolean): DirectDecoder =>
  (value) =>
    is(value) ? value : undecided

const firstOf = (members: ReadonlyArray<DirectDecoder | undefined>): DirectDecoder | undefined => {
  const known = allOf(members)
  if (known === undefined) return undefined
  return (value) => {
    for (const member of known) {
      const decoded = member(value)
      if (decoded !== undecided) return decoded
    }
    return undecided
  }
}

interface Field {
  readonly name: string
  readonly decode: DirectDecoder
  readonly isOptional: boolean
}

const objectDecoder = ({
  indexSignatures,
  propertySignatures
}: SchemaAST.Objects): DirectDecoder | undefined => {
  const fields = propertySignatures.flatMap(({ name, type }): ReadonlyArray<Field> => {
    const decode = directDecoder(type)
    return typeof name === "string" && name !== "__proto__" && decode !== undefined
      ? [{ name, decode, isOptional: SchemaAST.isOptional(type) }]
      : []
  })
  const isKnown = fields.length === propertySignatures.length && indexSignatures.length === 0
  // A schema without fields passes other values than objects, too.
  if (!isKnown || fields.length === 0) return undefined
  return (value) => {
    if (!isFields(value)) return undecided
    const decoded: Record<string, unknown> = {}
    for (const { decode, isOptional, name } of fields) {
      const inner = value[name]
      if (inner === undefined && !(name in value)) {
        if (isOptional) continue
        return undecided
      }
      const read = decode(inner)
      if (read === undecided) return undecided
      decoded[name] = read
    }
    return decoded
  }
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
