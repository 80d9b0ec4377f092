/**
 * The one way in which a transport fails: no whole response came back.
 */
import * as Schema from "effect/Schema"

/**
 * No whole response came back.
 *
 * `phase` is `not-sent` only if it is certain that not one byte of the request was written: undici
 * never began it. It is never inferred from an error code, since a reset looks the same in a TLS
 * handshake and after the write.
 */
export class TransportError extends Schema.TaggedError<TransportError>()("TransportError", {
  phase: Schema.Literals(["not-sent", "unknown"]),
  /**
   * - `connect`: no connection: DNS, TCP, TLS or the proxy.
   * - `timeout`: no whole answer in time.
   * - `closed`: the connection ended before the whole answer.
   * - `too-large`: the answer is larger than the request allows.
   * - `unreadable`: the answer is compressed, or is not HTTP.
   * - `refused-by-check`: the last check before the write said no.
   * - `invalid-request`: the request cannot be sent as it is.
   */
  kind: Schema.Literals([
    "connect",
    "timeout",
    "closed",
    "too-large",
    "unreadable",
    "refused-by-check",
    "invalid-request"
  ]),
  /** What went wrong, without anything secret. */
  message: Schema.String,
  /** The code of the system or of undici, as `ECONNREFUSED`. */
  code: Schema.optionalKey(Schema.String)
}) {}
