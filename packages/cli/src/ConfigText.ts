/** Writes a `cloud-quota.yaml` that people can extend. */

/** One account, with its provider's settings. */
export interface NewAccount {
  readonly name: string
  readonly settings: Readonly<Record<string, unknown>>
}

/** Returns the default name of a provider's account. */
export const usualName = (provider: string): string =>
  ({ compshare: "gpu", metastudio: "studio" })[provider] ?? provider

/**
 * Returns the configuration of these accounts. Without a journal, the default one of this user on this
 * machine is used.
 */
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

/** Plain if YAML can read it only as this text; else as JSON, which is valid YAML. */
const scalar = (value: unknown): string =>
  typeof value === "string" &&
  /^[A-Za-z][\w.-]*$/.test(value) &&
  !/^(true|false|null|yes|no|on|off)$/i.test(value)
    ? value
    : JSON.stringify(value)
