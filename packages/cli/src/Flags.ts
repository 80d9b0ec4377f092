/**
 * The flags that several commands share.
 */
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Option from "effect/Option"

/** The configuration file. */
export const Config = GlobalFlag.Setting("config")({
  flag: Flag.String("config").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription(
      "The configuration file; otherwise $CLOUD_QUOTA_CONFIG, or cloud-quota.yaml here or above"
    ),
    Flag.optional
  )
})

/** The chosen accounts. */
export const Account = GlobalFlag.Setting("account")({
  flag: Flag.String("account").pipe(
    Flag.withAlias("a"),
    Flag.withMetavar("NAME"),
    Flag.withDescription("Only this account; may be given several times. All accounts otherwise"),
    Flag.atLeast(0)
  )
})

/**
 * Whether causes and details are reported too. `Log.styleOf` evaluates this flag and the next one before
 * parsing; here they are only declared.
 */
export const Verbose = GlobalFlag.Setting("verbose")({
  flag: Flag.Boolean("verbose").pipe(
    Flag.withDescription("Say the causes of errors too"),
    Flag.withoutNegation,
    Flag.withDefault(false)
  )
})

/** The format of messages. */
export const LogFormat = GlobalFlag.Setting("log-format")({
  flag: Flag.Literals("log-format", ["text", "json"]).pipe(
    Flag.withMetavar("FORMAT"),
    Flag.withDescription("How messages on stderr are written: for people, or as a JSON object on each line"),
    Flag.withDefault("text")
  )
})

/** All flags that every command accepts. */
export const globals = [Config, Account, Verbose, LogFormat] as const

/** Returns the flags that were given, as fields. */
export const given = <Flags extends { readonly [name: string]: Option.Option<unknown> }>(flags: Flags) =>
  Object.fromEntries(
    Object.entries(flags).flatMap(([name, value]) => (Option.isSome(value) ? [[name, value.value]] : []))
  ) as { readonly [Name in keyof Flags]?: Option.Option.Value<Flags[Name]> }

const on = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withoutNegation, Flag.withDefault(false))

/** The format of a listing. `Output.formatOf` combines these flags. */
export const output = {
  output: Flag.Literals("output", ["table", "json", "ndjson", "csv"]).pipe(
    Flag.withAlias("o"),
    Flag.withMetavar("FORMAT"),
    Flag.withDescription("The format: table, json, ndjson or csv; the same as the flags of these names"),
    Flag.optional
  ),
  json: on("json", "Write one JSON array"),
  ndjson: on("ndjson", "Write a JSON object on each line, as they come"),
  csv: on("csv", "Write CSV with a header, as rows come"),
  bom: on("bom", "With --csv: begin with a byte order mark, without which Excel does not read Chinese"),
  all: on("all", "Show every row on a terminal, however many there are")
}

/** The same flags, for listings that keep the provider's own rows. */
export const outputWithDetails = {
  ...output,
  details: on("details", "With --json or --ndjson: add the provider's own row as `details`")
}

const periodHelp = "2026-11, last-month, this-month, 30d, or first day..day after the last"

/** The period. */
export const period = Flag.String("period").pipe(
  Flag.withMetavar("PERIOD"),
  Flag.withDescription(`Which time: ${periodHelp}. this-month by default`),
  Flag.withDefault("this-month")
)

/** The time zone of days and months. */
export const zone = Flag.String("zone").pipe(
  Flag.withMetavar("ZONE"),
  Flag.withDescription("Whose days and months: Asia/Shanghai, UTC, +08:00. The configuration's by default"),
  Flag.optional
)

/** The member. */
export const member = Flag.String("member").pipe(
  Flag.withMetavar("MEMBER"),
  Flag.withDescription("Only of this member: its id, person or name"),
  Flag.optional
)

/** One of several words. The flag may be repeated. */
export const words = <const Words extends ReadonlyArray<string>>(
  name: string,
  choices: Words,
  description: string
) =>
  Flag.Literals(name, choices).pipe(
    Flag.withMetavar("WORD"),
    Flag.withDescription(description),
    Flag.atLeast(0)
  )

/** Texts in the provider's own words. The flag may be repeated. */
export const texts = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar("TEXT"), Flag.withDescription(description), Flag.atLeast(0))
