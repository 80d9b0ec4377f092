/**
 * The YAML of a configuration file: plain values, and their positions in the text.
 *
 * Numbers stay as the written text: an id such as `0012` or `12345678901234567890` must not be rounded, and
 * `1234e567` is not a number. Messages never quote the text, because it may be a key.
 */
import * as Result from "effect/Result"
import { LineCounter, type Node, type Range, isAlias, isMap, isScalar, isSeq, parseDocument } from "yaml"

/** A position in the text. Both are counted from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A problem of the text, with its position. */
export interface Problem extends Position {
  /** The setting, if it has a name. */
  readonly field?: string
  readonly message: string
}

/** The content of a file. */
export interface Document {
  readonly value: unknown
  /** Returns the position of a value, or of its name; for a missing value, where it would have to be. */
  readonly positionOf: (path: ReadonlyArray<string | number>, isKey?: boolean) => Position
}

/**
 * Far more than any configuration needs. An alias counts on every use, so that no alias can expand beyond it.
 */
const mostNodes = 100_000
const deepest = 20
/** Upper bound on reported problems. */
const mostProblems = 20

interface Place {
  readonly key: number
  readonly value: number
}

/** Reads a whole text, or returns all its problems. */
export const parse = (text: string): Result.Result<Document, ReadonlyArray<Problem>> => {
  const lines = new LineCounter()
  // Duplicate names are detected below: the library would need quadratic time for it.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false })
  const position = (offset: number): Position => {
    const { col, line } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const syntaxProblems = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    ...position(pos[0]),
    // Some messages end with the text that was read.
    message: `is not YAML as it should be: ${message.replace(/: ["'`].*$/s, "")}`
  }))
  if (syntaxProblems.length > 0) return Result.fail(syntaxProblems.slice(0, mostProblems))

  const problems: Array<Problem> = []
  const places = new Map<string, Place>()
  // The library would search the whole text for the anchor of each alias.
  const anchors = new Map<string, Node>()
  let left = mostNodes
  let aliases = 0

  const refuse = (node: { readonly range?: Range | null | undefined }, message: string): undefined => {
    problems.push({ ...position(node.range?.[0] ?? 0), message })
    return undefined
  }

  const toValue = (node: Node | null, path: ReadonlyArray<string | number>): unknown => {
    if (node === null) return null
    left -= 1
    if (left < 0)
      return left === -1 ? refuse(node, "has more in it than a configuration can have") : undefined
    if (path.length > deepest) return refuse(node, "is nested too deeply")
    if (isAlias(node)) {
      const target = anchors.get(node.source)
      if (target === undefined) return refuse(node, "refers to nothing")
      aliases += 1
      const value = toValue(target, path)
      aliases -= 1
      return value
    }
    // Inside an alias, anchors are already registered from their own place.
    if (node.anchor !== undefined && aliases === 0) anchors.set(node.anchor, node)
    if (isScalar(node)) {
      return typeof node.value === "number" || typeof node.value === "bigint" ? node.source : node.value
    }
    if (isSeq<Node>(node)) {
      return node.items.map((item, index) => {
        const offset = item.range?.[0] ?? 0
        places.set(keyOf([...path, index]), { key: offset, value: offset })
        return toValue(item, [...path, index])
      })
    }
    if (!isMap<Node, Node | null>(node)) return refuse(node, "is nothing that a configuration has")
    const entries = new Map<string, unknown>()
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? (typeof key.value === "string" ? key.value : key.source) : undefined
      if (name === undefined || name === "" || name === "__proto__") {
        refuse(key, "is no name: write a text before the colon")
      } else if (entries.has(name)) {
        const field = [...path, name].join(".")
        problems.push({
          ...position(key.range?.[0] ?? 0),
          field,
          message: "is there already: take one of the two away"
        })
      } else {
        const offset = key.range?.[0] ?? 0
        places.set(keyOf([...path, name]), { key: offset, value: value?.range?.[0] ?? offset })
        entries.set(name, toValue(value, [...path, name]))
      }
    }
    return Object.fromEntries(entries)
  }

  const value = toValue(document.contents, [])
  if (problems.length > 0) return Result.fail(problems.slice(0, mostProblems))
  return Result.succeed({
    value,
    positionOf: (path, isKey = false) => {
      for (let length = path.length; length > 0; length -= 1) {
        const place = places.get(keyOf(path.slice(0, length)))
        // For a missing value, the name of the group that lacks it.
        if (place !== undefined) return position(isKey || length < path.length ? place.key : place.value)
      }
      return position(document.contents?.range?.[0] ?? 0)
    }
  })
}

const keyOf = (path: ReadonlyArray<string | number>): string => JSON.stringify(path)
