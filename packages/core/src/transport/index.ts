/**
 * The transport of requests: HTTP over undici, dedicated connections, retry, rate limit and circuit breaker.
 * Uses the model and the wire.
 */
export * as CircuitBreaker from "./CircuitBreaker.ts"
export * as RateLimit from "./RateLimit.ts"
export * as Retry from "./Retry.ts"
export * as Transport from "./Transport.ts"
export * as TransportError from "./TransportError.ts"
