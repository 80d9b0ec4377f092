/** Explains why CompShare refused a request for one of its members. */
import type { Reason } from "@cloud-quota/core/CloudQuotaError"
import type { FailedMember } from "../api/operation.ts"
import * as RetCode from "../api/RetCode.ts"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"

export const refusalOf = (
  action: string,
  { Code: code, Message }: FailedMember,
  httpStatus?: number
): Reason => {
  const message = Message ?? undefined
  const row = RetCode.find(code, { action, scope: "member" })
  const meaning = row?.meaning ?? "CompShare refused it, with a code that has no known meaning"
  return RetCode.toReason(row, {
    message: `${meaning} (code ${code}${message === undefined ? "" : `: ${message}`})`,
    details: { code: `${code}`, ...defined({ httpStatus, message }) }
  })
}
