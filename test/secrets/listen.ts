/**
 * How the recorder listens: it tells of what passes, and leaves it as it is.
 */
import { inspect } from "node:util"

/** Everything that printing a value could show, however deep it is. */
export const shown = (value: unknown): string =>
  typeof value === "string"
    ? value
    : inspect(value, {
        depth: 12,
        maxArrayLength: null,
        maxStringLength: null,
        breakLength: Number.POSITIVE_INFINITY
      })

/** Tells of each call of a method, before it or with its result, and leaves the call as it is. */
export const listen = (
  target: object,
  name: string,
  hear: {
    readonly before?: (self: object, args: ReadonlyArray<unknown>) => void
    readonly after?: (self: object, result: unknown) => void
  }
): void => {
  const method: unknown = Reflect.get(target, name)
  if (typeof method !== "function") throw new Error(`${name}: there is no such method to listen to`)
  Object.defineProperty(target, name, {
    configurable: true,
    writable: true,
    value: function (this: object, ...args: ReadonlyArray<unknown>) {
      hear.before?.(this, args)
      const result: unknown = Reflect.apply(method, this, args)
      hear.after?.(this, result)
      return result
    }
  })
}

/** Passes on what a constructor assigns to a field, which is an own field all the same. */
export const listenToField = (prototype: object, field: string, pass: (value: unknown) => unknown): void => {
  Object.defineProperty(prototype, field, {
    configurable: true,
    set(this: object, value: unknown) {
      const own = { configurable: true, enumerable: true, writable: true, value: pass(value) }
      Object.defineProperty(this, field, own)
    }
  })
}
