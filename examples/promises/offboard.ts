/**
 * Takes back what somebody has left, on every account that they are a member of, and says what could not be
 * taken back. Argument: the person, or the id or the name of the member.
 */
import { connect } from "@cloud-quota/core/promise"

const [who = ""] = process.argv.slice(2)
await using cloud = await connect()

for await (const { members, name } of cloud) {
  const member = await members.find(who)
  if (member === undefined) continue
  const { complete, message } = await members.offboard(member, { run: `offboard/${member.id}` })
  console.log(`${name}: ${message}`)
  if (!complete) process.exitCode = 3
}
