/**
 * A word every few seconds on how far it has come, on stderr: one line that is written over in a
 * terminal, and a plain line each time elsewhere.
 */
export interface Progress {
  /** How it stands. Shown if the last word was some seconds ago. */
  readonly say: (text: () => string) => void
  /** Clears the line, before something else is printed. */
  readonly clear: () => void
}

const everyMillis = 5_000

export const makeProgress = (stream: NodeJS.WriteStream = process.stderr): Progress => {
  const started = performance.now()
  let last = started
  const inPlace = stream.isTTY
  return {
    say: (text) => {
      const now = performance.now()
      if (now - last < (inPlace ? everyMillis / 10 : everyMillis)) return
      last = now
      const line = `${text()}, ${Math.round((now - started) / 1000)} s`
      stream.write(inPlace ? `\r\u001b[K${line}` : `${line}\n`)
    },
    clear: () => {
      if (inPlace) stream.write("\r\u001b[K")
    }
  }
}
