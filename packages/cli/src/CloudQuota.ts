/** The command and all its subcommands. */
import * as Command from "effect/cli/Command"
import * as Accounts from "./commands/accounts.ts"
import * as Baseline from "./commands/baseline.ts"
import * as Billing from "./commands/billing.ts"
import * as Doctor from "./commands/doctor.ts"
import * as Emulate from "./commands/emulate.ts"
import * as History from "./commands/history.ts"
import * as Init from "./commands/init.ts"
import * as Journal from "./commands/journal.ts"
import * as Members from "./commands/members.ts"
import * as Orders from "./commands/orders.ts"
import * as Quota from "./commands/quota.ts"
import * as Review from "./commands/review.ts"
import * as Trust from "./commands/trust.ts"
import * as Flags from "./Flags.ts"

export const command = Command.make("cloud-quota").pipe(
  Command.withDescription(
    [
      "Who may use how much, on several clouds.",
      "",
      "Data goes to stdout, everything else to stderr.",
      "Exit codes: 0 done; 1 failed; 3 done in part; 4 something is unknown, or a",
      "person has to decide; 64 not understood; 75 somebody else is changing the account;",
      "130 ended by Ctrl-C."
    ].join("\n  ")
  ),
  Command.withSubcommands([
    Accounts.accounts,
    Accounts.capabilities,
    Accounts.metrics,
    Members.command,
    Quota.command,
    Orders.orders,
    Orders.totals,
    Orders.unpaid,
    Billing.refunds,
    Billing.entitlements,
    Billing.balance,
    Billing.usage,
    Billing.cost,
    History.command,
    Journal.command,
    Review.review,
    Review.settle,
    Review.resolve,
    Baseline.baseline,
    Baseline.verify,
    Init.command,
    Trust.command,
    Doctor.command,
    Emulate.command
  ]),
  Command.withGlobalFlags(Flags.globals)
)

/**
 * Returns the subcommand that arguments name, as `quota list`. The other arguments are left alone: they may
 * be personal data.
 */
export const nameOf = (args: ReadonlyArray<string>): string => walk(args).path.join(" ")

/**
 * Removes `--help` after an unknown subcommand. The parser would show another command's help, as if all were
 * well; without the flag it reports the unknown subcommand.
 */
export const withoutVainHelp = (args: ReadonlyArray<string>): ReadonlyArray<string> =>
  walk(args).isUnknown ? args.filter((arg) => arg !== "--help" && arg !== "-h") : args

/** Global flags that take a value. */
const withValue = new Set(["--config", "--account", "-a", "--log-format", "--log-level", "--completions"])

/** Walks the arguments along the subcommands, and returns whether the next one is unknown. */
const walk = (
  args: ReadonlyArray<string>
): { readonly path: ReadonlyArray<string>; readonly isUnknown: boolean } => {
  const path: Array<string> = []
  let there = subcommandsOf(command)
  for (let index = 0; index < args.length && there.length > 0; index++) {
    const arg = args[index] ?? ""
    if (arg === "--") break
    if (withValue.has(arg)) index++
    if (arg.startsWith("-")) continue
    const next = there.find(({ name }) => name === arg)
    if (next === undefined) return { path, isUnknown: true }
    path.push(next.name)
    there = subcommandsOf(next)
  }
  return { path, isUnknown: false }
}

const subcommandsOf = (of: Command.Command.Any): ReadonlyArray<Command.Command.Any> =>
  of.subcommands.flatMap(({ commands }) => commands)
