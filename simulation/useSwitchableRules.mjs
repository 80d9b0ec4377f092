// Loaded before everything else (`node --import`): core's rules are replaced by the switchable ones
// of this folder. Nothing of the kind exists in what is built and published.
import { registerHooks } from "node:module"

const real = new URL("../packages/core/src/internal/rules.ts", import.meta.url).href
const switchable = new URL("./rules.ts", import.meta.url).href

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context)
    return resolved.url === real && context.parentURL !== switchable ? { ...resolved, url: switchable } : resolved
  }
})
