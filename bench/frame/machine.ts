/** The machine and the versions of a run. */
import { availableParallelism, cpus } from "node:os"

export interface Machine {
  readonly node: string
  readonly platform: string
  readonly cpu: string
}

export const machine = (): Machine => ({
  node: `Node ${process.versions.node}`,
  platform: `${process.platform} ${process.arch}`,
  cpu: `${availableParallelism()} x ${cpus()[0]?.model.trim() ?? "unknown"}`
})
