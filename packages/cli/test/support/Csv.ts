/**
 * Reads CSV as RFC 4180 has it, for tests.
 */

/** The rows of a text that has a header, each by the names of its columns. */
export const parse = (text: string): ReadonlyArray<Readonly<Record<string, string>>> => {
  const rows: Array<Array<string>> = [[]]
  let cell = ""
  let quoted = false
  for (let index = 0; index < text.length; index++) {
    const char = text.charAt(index)
    if (quoted) {
      if (char !== '"') cell += char
      else if (text.charAt(index + 1) === '"') {
        cell += '"'
        index++
      } else quoted = false
    } else if (char === '"') quoted = true
    else if (char === "," || char === "\r") {
      rows.at(-1)?.push(cell)
      cell = ""
      if (char === "\r") {
        if (text.charAt(++index) !== "\n") throw new Error(`a CR without LF at ${index}`)
        rows.push([])
      }
    } else cell += char
  }
  if (cell !== "" || rows.at(-1)?.length !== 0) throw new Error("the last line does not end")
  const [header = [], ...body] = rows.slice(0, -1)
  return body.map((cells) => {
    if (cells.length !== header.length) throw new Error(`${cells.length} cells under ${header.length} names`)
    return Object.fromEntries(header.map((name, index) => [name, cells[index] ?? ""]))
  })
}
