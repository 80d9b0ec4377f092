/**
 * Takes back what somebody has left, on every account that they are a member of, and says what could not be
 * taken back. Argument: the person, or what `members.find` knows them by.
 */
import { connect } from "@cloud-quota/core/promise"

const [who = ""] = process.argv.slice(2)
await using cloud = await connect()

for (const { members, name } of cloud.accounts) {
  for await (const member of members.find(who)) {
    const { complete, message } = await members.offboard(member, { run: `offboard/${member.id}` })
    console.log(`${name}: ${message}`)
    if (!complete) process.exitCode = 3
  }
}
