/** The only failure of a transport: no complete response arrived. */
import * as Schema from "effect/Schema"

/**
 * No complete response arrived.
 *
 * `phase` is `not-sent` only if it is certain that no byte of the request was written: undici never began it.
 * It is never inferred from an error code, because a reset looks the same during a TLS handshake and after
 * the write.
 */
export class TransportError extends Schema.TaggedError<TransportError>()("TransportError", {
  phase: Schema.Literals(["not-sent", "unknown"]),
  /**
   * - `connect`: no connection: DNS, TCP, TLS or the proxy.
   * - `timeout`: no complete answer in time.
   * - `closed`: the connection ended before the complete answer.
   * - `too-large`: the answer is larger than the request allows.
   * - `unreadable`: the answer is compressed, or is not HTTP.
   * - `refused-by-check`: the last check before the write returned false.
   * - `invalid-request`: the request cannot be sent in its present form.
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
  /** The problem, without secrets. */
  message: Schema.String,
  /** The code of the system or of undici, as `ECONNREFUSED`. */
  code: Schema.optionalKey(Schema.String)
}) {}
