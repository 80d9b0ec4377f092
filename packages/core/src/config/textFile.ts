/** Reads small text files safely: a path may lead anywhere. */
import * as Result from "effect/Result"
import { isUtf8 } from "node:buffer"
import * as Fs from "node:fs"

/** Far more than any file written by a person. */
const maxBytes = 1024 * 1024

/** A file's text, with its mode and owner. */
export interface TextFile {
  readonly text: string
  readonly mode: number
  /** The id of the owner. */
  readonly owner: number
}

/** Returns the text of a file, `undefined` if there is no such file, or a message about the problem. */
export const readTextFile = (path: string): Result.Result<TextFile | undefined, string> => {
  let file: number | undefined
  try {
    // Non-blocking, because opening a pipe would wait for a writer.
    file = Fs.openSync(path, Fs.constants.O_RDONLY | Fs.constants.O_NONBLOCK)
    const status = Fs.fstatSync(file)
    if (!status.isFile()) return Result.fail("is not a regular file")
    const bytes = readAtMost(file, maxBytes + 1)
    if (bytes.length > maxBytes)
      return Result.fail("is larger than 1 MiB, so that it cannot be what was meant")
    if (!isUtf8(bytes)) return Result.fail("is not UTF-8 text")
    return Result.succeed({ text: new TextDecoder().decode(bytes), mode: status.mode, owner: status.uid })
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "no reason told"
    if (code === "ENOENT" || code === "ENOTDIR") return Result.succeed(undefined)
    return Result.fail(`cannot be read (${code})`)
  } finally {
    if (file !== undefined) Fs.closeSync(file)
  }
}

const readAtMost = (file: number, most: number): Buffer => {
  const buffer = Buffer.alloc(most)
  let length = 0
  for (let count = 1; count > 0 && length < most; length += count) {
    count = Fs.readSync(file, buffer, length, most - length, null)
  }
  return buffer.subarray(0, length)
}
