/** Removes what a bench has made, also after a failure or a signal. */

const tasks: Array<() => void> = []

const cleanUp = (): void => {
  for (const task of tasks.splice(0).toReversed()) {
    try {
      task()
    } catch (error) {
      console.error(error)
    }
  }
}

process.once("exit", cleanUp)
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1))

/** Runs a task when this process ends. */
export const atExit = (task: () => void): void => {
  tasks.push(task)
}
