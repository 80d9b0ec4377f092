/** CompShare teams: their members' allowances, and their logs. */
import { amountText, range, relation, team } from "./bodies.ts"

const firstMember = 60_000
const firstAmount = 100_000
const available = 50

/** The body of the team. An amount is written over the earlier one, so that no body is made anew. */
const makeBody = (id: number, members: number) => {
  const body = Buffer.from(
    team(
      id,
      range(members).map((index) => relation(index, firstAmount))
    )
  )
  const amounts = range(members).map(() => firstAmount)
  const places: Array<readonly [number, number]> = []
  for (let at = 0; places.length < members; ) {
    const allocated = body.indexOf('"AllocateAmount":', at) + '"AllocateAmount":'.length
    const left = body.indexOf('"AvailableAmount":', allocated) + '"AvailableAmount":'.length
    places.push([allocated, left])
    at = left
  }
  return {
    body,
    add: (member: number, amount: number) => {
      const index = member - firstMember
      const next = (amounts[index] ?? 0) + amount
      const [allocated = 0, left = 0] = places[index] ?? []
      amounts[index] = next
      body.write(amountText(next), allocated, "latin1")
      body.write(amountText(next - available), left, "latin1")
    }
  }
}

const ok = (action: string): string =>
  JSON.stringify({ RetCode: 0, Action: `${action}Response`, FailedMembers: null })

const seconds = (): number => Math.floor(Date.now() / 1000)

/** An entry of the log. The oldest one is the first. */
interface Entry {
  readonly OperateType: string
  readonly Status: string
  readonly Content: string
  readonly CreateTime: number
}

const entry = (OperateType: string, CreateTime: number): Entry => ({
  OperateType,
  Status: "Success",
  Content: "amount",
  CreateTime
})

/** The index of the first entry that is not older than this. */
const firstSince = (log: ReadonlyArray<Entry>, time: number): number => {
  let low = 0
  let high = log.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((log[middle]?.CreateTime ?? 0) < time) low = middle + 1
    else high = middle
  }
  return low
}

/** Returns a function that answers the form of a request. */
export const makeTeams = (members: number, logged: number) => {
  const make = (id: number) => ({
    ...makeBody(id, members),
    log: range(logged).map(() => entry("AllocateAmount", seconds() - 60))
  })
  const teams = new Map<number, ReturnType<typeof make>>()
  const teamOf = (id: number) => {
    const known = teams.get(id) ?? make(id)
    teams.set(id, known)
    return known
  }

  const logPage = (log: ReadonlyArray<Entry>, form: URLSearchParams): string => {
    const number = (name: string, other: number) => Number(form.get(name) ?? other)
    const begin = firstSince(log, number("BeginTime", 0))
    const end = firstSince(log, number("EndTime", Number.MAX_SAFE_INTEGER))
    const offset = number("Offset", 0)
    const limit = number("Limit", 20)
    const rows =
      form.get("OrderByASC") === "true"
        ? log.slice(Math.min(end, begin + offset), Math.min(end, begin + offset + limit))
        : log.slice(Math.max(begin, end - offset - limit), Math.max(begin, end - offset)).toReversed()
    return JSON.stringify({
      RetCode: 0,
      Total: end - begin,
      Logs: rows,
      OperateTypeList: {},
      StatusList: {}
    })
  }

  return (form: URLSearchParams): string | Buffer => {
    const action = form.get("Action") ?? ""
    const known = teamOf(Number(form.get("TeamId")))
    if (action === "ListCompShareTeamOperateLog") return logPage(known.log, form)
    // A copy, since a write may change the body while it is sent.
    if (action === "GetCompShareTeamInfo") return Buffer.from(known.body)
    if (action !== "SetCompShareTeamAmount") return ok(action)
    const type = form.get("OperateType") ?? ""
    const amount = Number(form.get("Amount")) * (type === "WithdrawAmount" ? -1 : 1)
    for (const [name, value] of form)
      if (name.startsWith("VirtualCompanyId")) known.add(Number(value), amount)
    known.log.push(entry(type, seconds()))
    return ok(action)
  }
}
