/** The features of MetaStudio and of the related services, and how they are provided. */
import { type Capabilities, derived, native, unsupported } from "@cloud-quota/core/Capabilities"
import { customerOnly } from "./bills.ts"

const readThenSet =
  "the limits are read, changed and written; MetaStudio has no versions, so that of two writers the later one wins"
const joined =
  "the sub-accounts that have quotas, joined with the users of IAM; where IAM does not let these credentials ask, answers that it has none of it (404), or an endpoint of one's own has no iamEndpoint beside it, those that have quotas alone, without names"
const noQuotes = "MetaStudio gives no quotes"

/** Every capability. */
export const capabilities: Capabilities = {
  "quotas.list": { ...native, note: "a sub-account of which MetaStudio reports no limit has no row" },
  "quotas.get": derived("the listing, filtered by user"),
  "quotas.used": native,
  "quotas.set": derived(
    "all limits of the member are written in one request, since what happens to absent ones is not documented"
  ),
  "quotas.set-down": derived("as quotas.set; whether a limit may be below what is used is not documented"),
  "quotas.top-up": derived(`what is used plus what is to be available; ${readThenSet}`),
  "quotas.adjust": derived(readThenSet),
  "quotas.reclaim": derived(`the limit is lowered towards what is used; ${readThenSet}`),
  "quotas.unlimited": native,
  "members.list": derived(joined),
  "members.get": derived(joined),
  "members.names": derived("names are those of IAM's users; e-mail addresses are not told"),
  "members.invite": derived(
    "an IAM user is given limits of nothing, and has joined at once; nothing is allowed until quotas are set"
  ),
  "members.cancel-invite": unsupported("MetaStudio has no invitations: whoever is invited has joined"),
  "members.rename": unsupported("names are those of IAM's users, and are changed in IAM"),
  "members.remove": derived(
    "the quotas are deleted, and the IAM user stays; what a sub-account without quotas may use is not documented"
  ),
  "billing.orders": derived(
    "the orders of the whole customer for all services, oldest first, from the billing service; the product is the service, and paid is the price before coupons and cards"
  ),
  "billing.orders-by-member": unsupported(customerOnly),
  "billing.totals": unsupported("the billing service sums up bills, and not orders"),
  "billing.unpaid": derived(
    "the orders of the whole customer that wait to be paid, from the billing service"
  ),
  "billing.refund-quotes": unsupported(noQuotes),
  "billing.refund-quotes-by-member": unsupported(noQuotes),
  "billing.entitlements": derived(
    "MetaStudio's resources from every source, and the packages of the whole customer from the billing service, which alone knows those that are charged on demand; where it refuses, MetaStudio's alone, and a warning says so"
  ),
  "billing.balance": derived("the purses of the whole customer, from the billing service; it tells no sum"),
  "billing.usage": derived(
    "video and live minutes of the sub-accounts that have quotas, asked one by one; without sub-account isolation those of the project, of nobody in particular"
  ),
  "billing.monthly-cost": derived(
    `what each resource of the whole customer cost, from the billing service; not by member: ${customerOnly}`
  ),
  "history.provider-log": unsupported(
    "MetaStudio keeps no log of its limits; Cloud Trace Service (CTS) is not read"
  )
}
