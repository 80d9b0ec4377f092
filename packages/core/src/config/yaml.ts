/**
 * The YAML of a configuration file: plain values, and where in the text each of them stands.
 *
 * Numbers stay the text that was written: an id such as `0012` or `12345678901234567890` is not to be rounded,
 * and one such as `1234e567` is no number at all. Nothing of the text is quoted, since it may be a key.
 */
import * as Result from "effect/Result"
import { LineCounter, type Node, type Range, isAlias, isMap, isScalar, isSeq, parseDocument } from "yaml"

/** A place in the text. Both are counted from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** What is wrong with the text, and where. */
export interface Problem extends Position {
  /** The setting, where it has a name. */
  readonly field?: string
  readonly message: string
}

/** What a file says. */
export interface Document {
  readonly value: unknown
  /** Where a value stands, or its name; of what is missing, where it would have to stand. */
  readonly positionOf: (path: ReadonlyArray<string | number>, isKey?: boolean) => Position
}

/** Far more than anybody writes. An alias counts as often as it is used, so that none can grow beyond it. */
const mostNodes = 100_000
const deepest = 20
/** Whoever sees twenty problems wants to see the text itself. */
const mostProblems = 20

interface Place {
  readonly key: number
  readonly value: number
}

/** Reads a whole text, or says all that is wrong with it. */
export const parse = (text: string): Result.Result<Document, ReadonlyArray<Problem>> => {
  const lines = new LineCounter()
  // Names are compared below: here it would take the square of their number.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false })
  const position = (offset: number): Position => {
    const { col, line } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const wrong = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    ...position(pos[0]),
    // Some messages end with what was read.
    message: `is not YAML as it should be: ${message.replace(/: ["'`].*$/s, "")}`
  }))
  if (wrong.length > 0) return Result.fail(wrong.slice(0, mostProblems))

  const problems: Array<Problem> = []
  const places = new Map<string, Place>()
  // The library looks through the whole text for the anchor of each alias.
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
    // What an alias repeats was noted where it stands.
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
        // Of something that is missing, the name of what it is missing in.
        if (place !== undefined) return position(isKey || length < path.length ? place.key : place.value)
      }
      return position(document.contents?.range?.[0] ?? 0)
    }
  })
}

const keyOf = (path: ReadonlyArray<string | number>): string => JSON.stringify(path)
