/** Actions on the account as a whole: its zones and its balance. */
import * as Result from "effect/Result"
import type { Action, Actions } from "./call.ts"
import { yuan } from "./wire.ts"
import { zones } from "./zones.ts"

const describeZones: Action = () =>
  Result.succeed({
    ZoneInfo: zones.map((zone) => ({
      Region: zone.region,
      RegionId: zone.regionId,
      Zone: zone.zone,
      ZoneId: zone.zoneId,
      Describe: zone.name,
      IsPod: false
    }))
  })

/**
 * UCloud's billing service: its Go client reads one object, its page documents a list. Undocumented choices:
 * CompShare's endpoint serves it, and the whole balance can be allocated.
 */
const getBalance: Action = ({ world }) =>
  Result.succeed({
    AccountInfo: {
      Amount: yuan(world.adminBalanceFen),
      AmountAvailable: yuan(world.adminBalanceFen),
      AmountCredit: "0.00",
      AmountFree: "0.00",
      AmountFreeze: "0.00"
    }
  })

export const accountActions: Actions = [
  ["DescribeCompShareSupportZone", describeZones],
  ["GetBalance", getBalance]
]
