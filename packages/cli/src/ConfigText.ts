/**
 * A `cloud-quota.yaml` as text, for people to go on with.
 */

/** One account, as a provider's settings have it. */
export interface NewAccount {
  readonly name: string
  readonly settings: Readonly<Record<string, unknown>>
}

/** What an account of a provider is called where nobody says. */
export const usualName = (provider: string): string =>
  ({ compshare: "gpu", metastudio: "studio" })[provider] ?? provider

/** The configuration of these accounts. Without a journal it stays the one of this user on this machine. */
export const configuration = ({
  accounts,
  journal
}: {
  readonly accounts: ReadonlyArray<NewAccount>
  readonly journal?: string
}): string =>
  [
    "# yaml-language-server: $schema=./node_modules/@cloud-quota/core/cloud-quota.schema.json",
    "#",
    "# No key is ever written in here. Keys are where the vendors' own tools have them; for those that are",
    "# elsewhere, say where, under `credentials`.",
    "",
    "accounts:",
    ...accounts.map(({ name, settings }) => `  ${scalar(name)}: ${flow(settings)}`),
    "",
    "# Who is who: wherever a member is asked for, a person serves as well.",
    "# people:",
    `#   ada@example.com: { ${accounts.map(({ name }) => `${scalar(name)}: "member id"`).join(", ")} }`,
    "",
    ...(journal === undefined
      ? [
          "# What was intended, sent and settled. A file of this user on this machine, unless said otherwise:",
          "# several machines, and CI, need one that they share.",
          "# journal: { postgres: { url: { env: DATABASE_URL } } }"
        ]
      : [`journal: { sqlite: ${scalar(journal)} }`]),
    "",
    "# Whose months and days are meant.",
    "# zone: Asia/Shanghai",
    ""
  ].join("\n")

const flow = (settings: Readonly<Record<string, unknown>>): string =>
  `{ ${Object.entries(settings)
    .map(([key, value]) => `${scalar(key)}: ${scalar(value)}`)
    .join(", ")} }`

/** Plain where that cannot be anything but this text; else as JSON, which YAML reads as it is. */
const scalar = (value: unknown): string =>
  typeof value === "string" &&
  /^[A-Za-z][\w.-]*$/.test(value) &&
  !/^(true|false|null|yes|no|on|off)$/i.test(value)
    ? value
    : JSON.stringify(value)
