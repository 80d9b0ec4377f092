/**
 * Whether a request may be sent again:
 * - `read`: changes nothing. Sent again after any passing failure.
 * - `idempotent-write`: twice is the same as once. Sent again after any passing failure.
 * - `create`: twice may be a mistake. Sent again only if it is proven that nothing happened.
 * - `delta`: twice moves the money twice. Never sent again here, whatever happened.
 */
export type Safety = "read" | "idempotent-write" | "create" | "delta"
