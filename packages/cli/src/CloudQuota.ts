/** The command, whose subcommands are loaded when they are used. */
import * as Command from "effect/cli/Command"
import * as Flags from "./Flags.ts"

/** Every subcommand, by the groups and in the order of `--help`. */
const groups = {
  Look: {
    accounts: async () => (await import("./commands/accounts.ts")).accounts,
    capabilities: async () => (await import("./commands/accounts.ts")).capabilities,
    metrics: async () => (await import("./commands/accounts.ts")).metrics,
    orders: async () => (await import("./commands/orders.ts")).orders,
    totals: async () => (await import("./commands/orders.ts")).totals,
    unpaid: async () => (await import("./commands/orders.ts")).unpaid,
    refunds: async () => (await import("./commands/billing.ts")).refunds,
    entitlements: async () => (await import("./commands/billing.ts")).entitlements,
    balance: async () => (await import("./commands/billing.ts")).balance,
    usage: async () => (await import("./commands/billing.ts")).usage,
    cost: async () => (await import("./commands/billing.ts")).cost,
    history: async () => (await import("./commands/history.ts")).command
  },
  "Look and change": {
    quota: async () => (await import("./commands/quota.ts")).command,
    members: async () => (await import("./commands/members.ts")).command
  },
  "Decide and settle": {
    review: async () => (await import("./commands/review.ts")).review,
    settle: async () => (await import("./commands/review.ts")).settle,
    resolve: async () => (await import("./commands/review.ts")).resolve,
    baseline: async () => (await import("./commands/baseline.ts")).baseline,
    verify: async () => (await import("./commands/baseline.ts")).verify,
    run: async () => (await import("./commands/run.ts")).command,
    journal: async () => (await import("./commands/journal.ts")).command
  },
  "Set up": {
    init: async () => (await import("./commands/init.ts")).command,
    trust: async () => (await import("./commands/trust.ts")).command,
    doctor: async () => (await import("./commands/doctor.ts")).command,
    emulate: async () => (await import("./commands/emulate.ts")).command
  }
}

type Load = {
  [Group in keyof typeof groups]: (typeof groups)[Group][keyof (typeof groups)[Group]]
}[keyof typeof groups]

const listed = Object.entries(groups).map(([group, commands]) => ({
  group,
  commands: new Map<string, Load>(Object.entries(commands))
}))

/**
 * Loads the command with the subcommand that the arguments name; with all of them, if they name none, as for
 * `--help`.
 */
export const load = async (args: ReadonlyArray<string>) => {
  const [word] = words(args)
  const isKnown = listed.some(({ commands }) => commands.has(word ?? ""))
  const loaded = await Promise.all(
    listed.map(async ({ commands, group }) => ({
      group,
      commands: await Promise.all(
        Array.from(commands, ([name, load]) => (isKnown && name !== word ? [] : [load()])).flat()
      )
    }))
  )
  const [first, ...others] = loaded.flatMap(({ commands, group }) => {
    const [one, ...rest] = commands
    return one === undefined ? [] : [{ group, commands: [one, ...rest] as const }]
  })
  if (first === undefined) throw new Error("there are no subcommands")
  return Command.make("cloud-quota").pipe(
    Command.withDescription(
      [
        "Who may use how much, on several clouds.",
        "",
        "Data goes to stdout, everything else to stderr.",
        "Exit codes: 0 done; 1 failed; 2 rows match (--exit-code); 3 done in part;",
        "4 an outcome is unknown, or to be decided; 64 not understood;",
        "75 another process is changing the account; 130 ended by Ctrl-C."
      ].join("\n  ")
    ),
    Command.withSubcommands([first, ...others]),
    Command.withGlobalFlags(Flags.globals)
  )
}

/**
 * Returns the subcommand that arguments name, as `quota list`. The other arguments are left alone: they may
 * be personal data.
 */
export const nameOf = (command: Command.Command.Any, args: ReadonlyArray<string>): string =>
  walk(command, args).path.join(" ")

/** Accepts `help` and `version` as words, as other commands do: `help quota list` is `quota list --help`. */
export const withWords = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [first, ...rest] = args
  if (first === "help") return [...rest, "--help"]
  return first === "version" && rest.length === 0 ? ["--version"] : args
}

/**
 * Removes `--help` after an unknown subcommand. The parser would show another command's help, as if all were
 * well; without the flag it reports the unknown subcommand.
 */
export const withoutVainHelp = (
  command: Command.Command.Any,
  args: ReadonlyArray<string>
): ReadonlyArray<string> =>
  walk(command, args).isUnknown ? args.filter((arg) => arg !== "--help" && arg !== "-h") : args

/** Global flags that take a value. */
const withValue = new Set([
  "--config",
  "--account",
  "-a",
  "-o",
  "--output",
  "--log-format",
  "--log-level",
  "--completions"
])

/** Returns the arguments that are neither flags nor values of global flags. */
const words = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const end = args.indexOf("--")
  const before = end === -1 ? args : args.slice(0, end)
  return before.filter((arg, index) => !arg.startsWith("-") && !withValue.has(before[index - 1] ?? ""))
}

/** Walks the arguments along the subcommands, and returns whether the next one is unknown. */
const walk = (
  command: Command.Command.Any,
  args: ReadonlyArray<string>
): { readonly path: ReadonlyArray<string>; readonly isUnknown: boolean } => {
  const path: Array<string> = []
  let there = subcommandsOf(command)
  for (const word of words(args)) {
    if (there.length === 0) break
    const next = there.find(({ name }) => name === word)
    if (next === undefined) return { path, isUnknown: true }
    path.push(next.name)
    there = subcommandsOf(next)
  }
  return { path, isUnknown: false }
}

const subcommandsOf = (of: Command.Command.Any): ReadonlyArray<Command.Command.Any> =>
  of.subcommands.flatMap(({ commands }) => commands)
