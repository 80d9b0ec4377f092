/** All benches, each loaded when it is run. */
import type { Measured } from "./frame/rows.ts"
import type { Options } from "./frame/options.ts"
import type { targets } from "./targets.ts"

export type Name = keyof typeof targets

interface Bench<Targets> {
  readonly run: (options: Options) => Promise<Measured<Targets>>
}

export const benches: { readonly [Key in Name]: () => Promise<Bench<(typeof targets)[Key]>> } = {
  calls: () => import("./calls.ts"),
  layers: () => import("./layers.ts"),
  sign: () => import("./sign.ts"),
  members: () => import("./members.ts"),
  promise: () => import("./promise.ts"),
  changes: () => import("./changes.ts"),
  puts: () => import("./puts.ts"),
  journal: () => import("./journal.ts"),
  orders: () => import("./orders.ts"),
  start: () => import("./start.ts"),
  leak: () => import("./leak.ts"),
  throttled: () => import("./throttled.ts"),
  far: () => import("./far.ts")
}

export const isName = (name: string): name is Name => Object.hasOwn(benches, name)

export const names: ReadonlyArray<Name> = Object.keys(benches).filter(isName)
