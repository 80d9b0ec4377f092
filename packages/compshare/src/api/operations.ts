/** All operations of CompShare's API that have their own client method. */
import { balanceOperations } from "./balance.ts"
import { instanceOperations } from "./instance.ts"
import { logOperations } from "./log.ts"
import { orderOperations } from "./order.ts"
import { priceOperations } from "./price.ts"
import { teamOperations } from "./team.ts"

export const operations = {
  ...teamOperations,
  ...logOperations,
  ...orderOperations,
  ...instanceOperations,
  ...priceOperations,
  ...balanceOperations
}
