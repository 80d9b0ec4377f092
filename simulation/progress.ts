/**
 * A word every few seconds on how far it has come, on stderr: one line that is written over in a
 * terminal, and a plain line each time elsewhere.
 */

/** Tells how it stands until it is stopped. Stopping clears the line, before something else is printed. */
export const showProgress = (text: () => string, stream: NodeJS.WriteStream = process.stderr) => {
  const started = performance.now()
  const timer = setInterval(
    () => {
      const line = `${text()}, ${Math.round((performance.now() - started) / 1000)} s`
      stream.write(stream.isTTY ? `\r\u001b[K${line}` : `${line}\n`)
    },
    stream.isTTY ? 500 : 5_000
  )
  return {
    stop: () => {
      clearInterval(timer)
      if (stream.isTTY) stream.write("\r\u001b[K")
    }
  }
}
