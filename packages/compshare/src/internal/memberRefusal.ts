/**
 * Why CompShare did not do something for one of those it was asked for.
 */
import type { Reason } from "@cloud-quota/core/CloudQuotaError"
import * as RetCode from "../RetCode.ts"
import type { FailedMember } from "../TeamAmount.ts"
import { defined } from "./decode.ts"

export const refusalOf = (action: string, { code, message }: FailedMember, httpStatus?: number): Reason => {
  const row = RetCode.find(code, { action, scope: "member" })
  const meaning = row?.meaning ?? "CompShare refused it, with a code that has no known meaning"
  return RetCode.toReason(row, {
    message: `${meaning} (code ${code}${message === undefined ? "" : `: ${message}`})`,
    details: { code: `${code}`, ...defined({ httpStatus, message }) }
  })
}
