/**
 * Sections of `name = value` lines, as the vendor's SDKs read them.
 *
 * They use four different libraries, which agree only on plain lines. Any other line is refused here: an SDK
 * and this library must never read two different keys.
 */
import * as Result from "effect/Result"

/** Values by name. Names are in lower case. */
export type Section = ReadonlyMap<string, string>

/**
 * Reads all sections, or returns the invalid line's number. The line itself may be a key: it is not quoted.
 */
export const parse = (text: string): Result.Result<ReadonlyMap<string, Section>, string> => {
  const sections = new Map<string, Map<string, string>>()
  let current: Map<string, string> | undefined
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const problem = (message: string) => Result.fail(`line ${index + 1} ${message}`)
    const trimmed = line.trim()
    if (trimmed === "" || /^[#;]/.test(trimmed)) continue
    const [, header] = /^\[([^[\]]+)\]$/.exec(trimmed) ?? []
    if (header !== undefined) {
      const name = header.trim()
      if (sections.has(name)) return problem("begins a section that is there already")
      current = new Map()
      sections.set(name, current)
      continue
    }
    const [, name, value] = /^([A-Za-z0-9_.-]+)\s*[=:]\s*(.*)$/.exec(trimmed) ?? []
    if (name === undefined || value === undefined) return problem("is neither [section] nor name = value")
    if (current === undefined) return problem("comes before the first [section]")
    if (current.has(name.toLowerCase())) return problem("gives a name that is there already")
    current.set(name.toLowerCase(), value)
  }
  return Result.succeed(sections)
}

/**
 * Whether all libraries read a value alike: it has no character that may quote, escape, or begin a comment.
 */
export const isPlain = (value: string): boolean => /^[\x21-\x7e]*$/.test(value) && !/["'`#;%\\]/.test(value)
