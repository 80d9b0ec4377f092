// Loaded before everything else (`node --import`): some of core's modules are replaced by those of
// this folder that can be switched. Nothing of the kind exists in what is built and published.
import { registerHooks } from "node:module"

const replaced = new Map(
  ["rules", "settleTable", "closingLook"].map((name) => [
    new URL(`../packages/core/src/engine/${name}.ts`, import.meta.url).href,
    new URL(`./${name}.ts`, import.meta.url).href
  ])
)
const replacements = new Set(replaced.values())

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context)
    const url = replaced.get(resolved.url)
    return url === undefined || replacements.has(context.parentURL) ? resolved : { ...resolved, url }
  }
})
