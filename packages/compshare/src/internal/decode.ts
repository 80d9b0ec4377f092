/**
 * What CompShare writes in its own way, besides what every provider does.
 */
import * as Decode from "@cloud-quota/core/Decode"
import * as Result from "effect/Result"
import * as Money from "../Money.ts"
import { uint32 } from "./settings.ts"

export {
  type Decoder,
  type Fields,
  boolean,
  defined,
  fields,
  integer,
  list,
  listOf,
  optional,
  required,
  text
} from "@cloud-quota/core/Decode"

/** A member's id, or zero for none. */
export const idOrZero: Decode.Decoder<number> = (wire) =>
  Result.filterOrFail(
    Decode.integer(wire),
    (id) => id === 0 || uint32(id) !== undefined,
    () => "not an id"
  )

/** Seconds since 1970, up to the year 9999: what a date can show. */
export const unixSeconds: Decode.Decoder<number> = (wire) =>
  Result.filterOrFail(
    Decode.integer(wire),
    (seconds) => seconds >= 0 && seconds < 253_402_300_800,
    () => "not a time in seconds since 1970"
  )

const money =
  <A>(read: (wire: unknown) => Result.Result<A, Money.MoneyError>): Decode.Decoder<A> =>
  (wire) =>
    Result.mapError(read(wire), (error) => error.message)

/** Money in whole fen. */
export const fen = money(Money.fromFen)

/** Money in yuan: text, or a JSON number. */
export const yuan = money(Money.fromYuan)
