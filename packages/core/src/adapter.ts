/**
 * For authors of adapters: the driver, and its building blocks.
 *
 * An adapter describes each operation of its provider's API as a value (`Operation`, `Lenient`), makes a client
 * of them that retries by safety class (`Transport`, `Retry`), and implements `Driver` with it. `Provider` and
 * `AccountDefinition` offer its accounts to configuration files and to the Promise API.
 */
import "./refuseOldNode.ts"

// The contract.
export { Driver } from "./model/index.ts"

// The wire.
export { Json, Lenient, OffsetPages, Operation, Pages, Rows } from "./wire/index.ts"

// Requests.
export { CircuitBreaker, RateLimit, Retry, Transport, TransportError } from "./transport/index.ts"

// Credentials, settings and diagnosis.
export { CredentialChain, CredentialFile, Diagnose, Provider, Settings } from "./config/index.ts"

// Accounts for the Promise API.
export * as AccountDefinition from "./promise/AccountDefinition.ts"

// Input and output.
export { KnownKeys, SafeText } from "./model/index.ts"
