/** The related services, IAM and billing: if one refuses, a listing continues without it and reports that. */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"

/**
 * Whether the service refuses these credentials, or does not exist. An outage is neither: a listing that it
 * shortens must not look complete.
 */
export const isRefusal = ({ reason }: CloudQuotaError): boolean =>
  reason._tag === "PermissionDenied" || reason.details?.httpStatus === 404

/** Whether no endpoint is known for the service, which is allowed beside a custom endpoint. */
export const isNowhere = ({ reason }: CloudQuotaError, field: "iamEndpoint" | "bssEndpoint"): boolean =>
  reason._tag === "InvalidRequest" && reason.field === field
