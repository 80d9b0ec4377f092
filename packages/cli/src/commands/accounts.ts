/**
 * `cloud-quota accounts`, `capabilities` and `metrics`: facts about the accounts, without a request to any
 * cloud.
 */
import { type Capability, type Support, all } from "@cloud-quota/core/Capabilities"
import type { Metric } from "@cloud-quota/core/Metric"
import * as Tables from "@cloud-quota/core/Tables"
import * as Command from "effect/cli/Command"
import * as Stream from "effect/Stream"
import * as Flags from "../Flags.ts"
import * as Listing from "../Listing.ts"
import type * as Output from "../Output.ts"
import type { AccountIdentity } from "@cloud-quota/core/AccountIdentity"

const accountsView: Output.View<AccountIdentity> = {
  table: {
    columns: [
      { name: "provider", kind: "text", value: ({ provider }) => provider },
      { name: "scope", kind: "text", value: ({ scope }) => scope },
      { name: "endpoint", kind: "text", value: ({ endpoint }) => endpoint }
    ]
  },
  show: ["account", "provider", "scope", "endpoint"],
  whole: ["account", "provider"],
  spare: ["endpoint"],
  nothing: "no accounts"
}

export const accounts = Command.make("accounts", Flags.output, (flags) =>
  Listing.run(flags, accountsView, ({ identity }) => Stream.succeed(identity))
).pipe(
  Command.withDescription("List the accounts of the configuration: which cloud, and which team or project"),
  Command.withExamples([
    { command: "cloud-quota accounts", description: "What this command would work with here" }
  ])
)

interface Row extends Support {
  readonly capability: Capability
}

const capabilitiesView: Output.View<Row> = {
  table: {
    columns: [
      { name: "capability", kind: "text", value: ({ capability }) => capability },
      { name: "support", kind: "text", value: ({ support }) => support },
      { name: "note", kind: "text", value: ({ note }) => note }
    ]
  },
  whole: ["capability", "support"],
  mark: ({ support }) => (support === "unsupported" ? "doubtful" : undefined),
  nothing: "no capabilities"
}

export const capabilities = Command.make("capabilities", Flags.output, (flags) =>
  Listing.run(flags, capabilitiesView, (account) =>
    Stream.fromIterable(all.map((capability) => ({ capability, ...account.capabilities[capability] })))
  )
).pipe(
  Command.withDescription("List what each cloud can do, and how: natively, derived, or not at all"),
  Command.withExamples([
    { command: "cloud-quota capabilities -a studio", description: "What MetaStudio has, and what it lacks" }
  ])
)

const metricsView: Output.View<Metric> = {
  table: Tables.metrics,
  show: ["metric", "kind", "step", "minimum", "maximum", "unlimited", "title", "titleZh"],
  whole: ["metric", "kind"],
  spare: ["titleZh", "minimum", "step", "title", "kind"],
  nothing: "no metrics"
}

export const metrics = Command.make("metrics", Flags.output, (flags) =>
  Listing.run(flags, metricsView, ({ quotas }) => Stream.fromIterable(quotas.metrics))
).pipe(
  Command.withDescription("List what is limited on each cloud: in which unit, steps and bounds"),
  Command.withExamples([{ command: "cloud-quota metrics --json" }])
)
