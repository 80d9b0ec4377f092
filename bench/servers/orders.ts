/** The orders of one member of a team, page by page. */
import { createServer, type Server } from "node:http"
import { text } from "node:stream/consumers"
import { relation, team } from "./bodies.ts"
import { type OrdersOptions, statsPath } from "./servers.ts"

const firstTime = 1_762_000_000

const order = (index: number): string =>
  `{"OrderNo":"CS${index}","OrderType":"OT_BUY","ChargeType":"Month","ProductName":"GPU","ProductType":"CompShare","Amount":"12.34","AmountFree":"0","AmountReal":"12.34","State":"OS_FINISHED","CreateTime":${firstTime + index},"StartTime":1762000000,"EndTime":1764500000,"ResourceIds":["uhost-${index}"]}`

export const orders = ({ delay = 0, rows }: OrdersOptions): Server => {
  let atOnce = 0
  let most = 0

  const page = (form: URLSearchParams): string => {
    const offset = Number(form.get("Offset") ?? 0)
    const end = Math.min(rows, offset + Number(form.get("Limit") ?? 100))
    const some: Array<string> = []
    for (let index = offset; index < end; index += 1) some.push(order(index))
    return `{"RetCode":0,"Action":"DescribeTeamMemberOrderResponse","TotalCount":${rows},"OrderInfos":[${some.join(",")}]}`
  }

  return createServer(async (request, response) => {
    const body = await text(request)
    if (request.url === statsPath) {
      response.end(JSON.stringify({ most }))
      most = 0
      return
    }
    atOnce += 1
    most = Math.max(most, atOnce)
    const form = new URLSearchParams(body)
    const isTeam = form.get("Action") === "GetCompShareTeamInfo"
    const answer = isTeam ? team(1001, [relation(0, 100_000)]) : page(form)
    const send = () => {
      atOnce -= 1
      response.writeHead(200, { "content-type": "application/json" })
      response.end(answer)
    }
    if (delay > 0) setTimeout(send, delay)
    else send()
  })
}
