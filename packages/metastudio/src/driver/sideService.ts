/**
 * The services beside MetaStudio, IAM and billing: a listing does without them where they refuse, and says so.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"

/**
 * Whether the service refuses these credentials, or is not there. An outage is neither: a listing that it
 * shortens must not seem to be whole.
 */
export const isRefusal = ({ reason }: CloudQuotaError): boolean =>
  reason._tag === "PermissionDenied" || reason.details?.httpStatus === 404

/** Whether no endpoint is given for the service, which an endpoint of one's own need not have beside it. */
export const isNowhere = ({ reason }: CloudQuotaError, field: "iamEndpoint" | "bssEndpoint"): boolean =>
  reason._tag === "InvalidRequest" && reason.field === field
