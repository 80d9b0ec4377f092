// Writes what each cloud can do, from the adapters' own data, into docs/capabilities.md and between the
// markers of both READMEs. With --check it writes nothing, and fails if they are not what it would write.
import { CompShare } from "@cloud-quota/compshare"
import { Account, Capabilities, Quantity } from "@cloud-quota/core"
import { MetaStudio } from "@cloud-quota/metastudio"
import { Effect, Redacted } from "effect"
import { existsSync, readFileSync, writeFileSync } from "node:fs"

/** Keys that open nothing: what a cloud can do is known before anything is sent. */
const clouds = [
  {
    title: "CompShare",
    layer: CompShare.layer({ teamId: 1, publicKey: "none", privateKey: Redacted.make("none") })
  },
  {
    title: "MetaStudio",
    layer: MetaStudio.layer({
      region: "cn-north-4",
      projectId: "0".repeat(32),
      credentials: { accessKey: "none", secretKey: Redacted.make("none") }
    })
  }
]

/** What each part of the page is about, by the first word of a capability's name. */
const subjects = {
  quotas: "Quotas",
  members: "Members",
  billing: "Bills",
  history: "History"
}

/** The rows of the READMEs: `each` names the capabilities that a row stands for. */
const rows = [
  { en: "who may use how much, and what is left", zh: "查询额度与剩余", each: ["quotas.list"] },
  { en: "how much was used", zh: "查询已用量", each: ["quotas.used"] },
  {
    en: "`set`, `topUpTo`, `adjust`, `reclaim`",
    zh: "`set`（设定）、`topUpTo`（补足）、`adjust`（增减）、`reclaim`（回收）",
    each: ["quotas.set", "quotas.top-up", "quotas.adjust", "quotas.reclaim"]
  },
  { en: "no limit at all (`unlimited`)", zh: "不设上限（`unlimited`）", each: ["quotas.unlimited"] },
  { en: "members, with names", zh: "成员列表与名称", each: ["members.list", "members.names"] },
  { en: "invite somebody", zh: "邀请成员", each: ["members.invite"] },
  { en: "rename a member", zh: "修改成员名称", each: ["members.rename"] },
  { en: "remove a member", zh: "移除成员", each: ["members.remove"] },
  { en: "orders", zh: "订单", each: ["billing.orders"] },
  { en: "orders of one member", zh: "按成员查询订单", each: ["billing.orders-by-member"] },
  { en: "unpaid orders", zh: "未支付订单", each: ["billing.unpaid"] },
  { en: "refund quotes", zh: "查询退费金额", each: ["billing.refund-quotes"] },
  { en: "packages bought in advance", zh: "已购资源包", each: ["billing.entitlements"] },
  { en: "the balance", zh: "账户余额", each: ["billing.balance"] },
  { en: "usage", zh: "用量明细", each: ["billing.usage"] },
  { en: "what a month cost", zh: "月度费用", each: ["billing.monthly-cost"] },
  { en: "the provider's own log", zh: "云平台操作日志", each: ["history.provider-log"] }
]

const words = {
  en: { native: "yes", derived: "derived", unsupported: "no", metrics: "metrics", ceilings: "ceilings" },
  zh: {
    native: "支持",
    derived: "间接支持",
    unsupported: "不支持",
    metrics: "指标",
    ceilings: "项上限型额度"
  }
}

const read = ({ layer, title }) =>
  Effect.gen(function* () {
    const { capabilities, quotas } = yield* Account.Account
    return { title, capabilities, metrics: quotas.metrics }
  }).pipe(Effect.provide(layer))

const table = (head, lines) =>
  [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n")

const told = ({ note, support }) => (note === undefined ? support : `${support}: ${note}`)

/** The whole page. */
const page = (accounts) => {
  const parts = Object.entries(subjects).map(([subject, title]) => {
    const names = Capabilities.all.filter((name) => name.startsWith(`${subject}.`))
    const lines = names.map((name) => [
      `\`${name}\``,
      ...accounts.map((account) => told(account.capabilities[name]))
    ])
    return `## ${title}\n\n${table(["capability", ...accounts.map((account) => account.title)], lines)}`
  })
  const metrics = accounts.flatMap(({ metrics, title }) =>
    metrics.map(({ id, kind, maximum, minimum, step, title: { en, zh }, unlimited }) => [
      `\`${id}\``,
      title,
      kind,
      Quantity.format(step),
      `${Quantity.format(minimum)} to ${Quantity.format(maximum)}${unlimited ? ", or unlimited" : ""}`,
      `${en} (${zh})`
    ])
  )
  return `<!-- Written by scripts/generateCapabilityTable.mjs from the adapters' own data: change it there. -->

# What each cloud can do

- **native**: the cloud offers it.
- **derived**: made from what the cloud offers; the note says how, and what follows from that.
- **unsupported**: the cloud has nothing of the kind. A call for it fails as \`Unsupported\` before anything is
  sent.

Some rows are about data, and not calls: what \`quotas.used\` and \`members.names\` stand for is absent where they
are unsupported, and without \`billing.totals\` the totals of orders are added up all the same, with nothing of
the provider's to compare them with.

A program finds the same in \`account.capabilities\`, by these names, and in a terminal
\`cloud-quota capabilities\` shows it.

${parts.join("\n\n")}

## Metrics

What is limited, as \`account.quotas.metrics\` has it (\`account.metrics\` in Promise form). A \`ceiling\` is used
up to a limit; a \`balance\` is granted and spent, so that a share of it would mislead.

${table(["metric", "cloud", "kind", "step", "limits", "is"], metrics)}
`
}

/** The least of what a row stands for. */
const least = (capabilities, each) => {
  const supports = each.map((name) => capabilities[name].support)
  return ["unsupported", "derived", "native"].find((support) => supports.includes(support))
}

/** The short table of a README. */
const summary = (accounts, language) => {
  const { ceilings, metrics, ...supports } = words[language]
  const limited = accounts.map((account) =>
    account.metrics.length > 1
      ? `${account.metrics.length} ${ceilings}`
      : account.metrics.map(({ id, unit }) => `\`${id}\` (${unit})`).join()
  )
  const lines = rows.map(({ each, ...title }) => [
    title[language],
    ...accounts.map(({ capabilities }) => supports[least(capabilities, each)])
  ])
  return table(["", ...accounts.map(({ title }) => title)], [[metrics, ...limited], ...lines])
}

/** The text with what is between its markers put anew. */
const between = (file, text, inner) => {
  const parts = text.split(/(?<=<!-- capabilities -->\n)[\s\S]*?(?=<!-- \/capabilities -->)/)
  if (parts.length !== 2)
    throw new Error(`${file} has to have one pair of the markers: <!-- capabilities -->`)
  return parts.join(`\n${inner}\n\n`)
}

const accounts = await Effect.runPromise(Effect.forEach(clouds, read))
const readme = (file, language) => [
  file,
  between(file, readFileSync(file, "utf8"), summary(accounts, language))
]
const files = [
  ["docs/capabilities.md", page(accounts)],
  readme("README.md", "en"),
  readme("README.zh-CN.md", "zh")
]

for (const [file, text] of files) {
  if (!process.argv.includes("--check")) writeFileSync(file, text)
  else if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
    console.error(
      `${file} is not what the adapters say: write it with pnpm try scripts/generateCapabilityTable.mjs`
    )
    process.exitCode = 1
  }
}
