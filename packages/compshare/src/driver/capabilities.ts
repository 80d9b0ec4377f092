/** The features of an account on CompShare, as data. */
import { type Capabilities, derived, native, unsupported } from "@cloud-quota/core/Capabilities"

export const capabilities: Capabilities = {
  "quotas.list": native,
  "quotas.get": derived("read from the list of the whole team"),
  "quotas.used": unsupported("the provider tells what was granted and what is left, not what was used"),
  "quotas.set": derived("the difference to what is granted is added, or taken back"),
  "quotas.set-down": derived(
    "the difference is taken back; refused until a withdrawal was seen to lower what is granted"
  ),
  "quotas.top-up": derived("the difference to what is available is added"),
  "quotas.adjust": native,
  "quotas.reclaim": native,
  "quotas.unlimited": unsupported("an allowance is always an amount"),
  "members.list": native,
  "members.get": derived("read from the list of the whole team"),
  "members.names": native,
  "members.invite": native,
  "members.cancel-invite": native,
  "members.rename": native,
  "members.remove": unsupported(
    "its API withdraws invitations only; members are removed in the console, at console.compshare.cn"
  ),
  "billing.orders": derived(
    "one member after the other, over everybody with an id whom the team's list names, former members too"
  ),
  "billing.orders-by-member": native,
  "billing.totals": derived(
    "each member's own totals, added up; there are none for resourceIds, for several states or chargeTypes at once, and for periods that do not begin and end with a second"
  ),
  "billing.unpaid": derived(
    "one member after the other; an amount is absent where the provider tells it in a unit that it does not name"
  ),
  "billing.refund-quotes": native,
  "billing.refund-quotes-by-member": derived(
    "the instances that these keys see and that the member has ordered: the provider does not tell whose an instance is, so what it lists under other keys, and disks by themselves, are missed"
  ),
  "billing.entitlements": unsupported("CompShare sells nothing in advance that is counted"),
  "billing.balance": {
    ...native,
    note: "by GetBalance of UCloud's billing service, which is not documented for CompShare's endpoint: it may be refused there"
  },
  "billing.usage": unsupported("orders tell what was spent, and nothing tells what was used"),
  "billing.monthly-cost": derived(
    "the orders that were made in the month and are Paid or OS_FINISHED, refunds too, added up for each member and resource; of orders in states that are not documented a warning tells, and they are left out"
  ),
  "history.provider-log": native
}
