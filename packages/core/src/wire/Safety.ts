/**
 * Whether a request may be sent again:
 * - `read`: changes nothing. Sent again after any passing failure.
 * - `idempotent-write`: twice is the same as once. Sent again after any passing failure.
 * - `create`: sending it twice may be a mistake. Sent again only if it is proven that nothing happened.
 * - `delta`: sending it twice moves the money twice. Never sent again by the retries.
 */
export type Safety = "read" | "idempotent-write" | "create" | "delta"
