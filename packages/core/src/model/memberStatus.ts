/** The names of the statuses of members. */
export const knownStatuses = ["active", "invited", "rejected", "canceled", "candidate", "disabled"] as const

const statuses: ReadonlyArray<unknown> = [...knownStatuses, "unknown"]

export const isStatus = (status: unknown): boolean => statuses.includes(status)

export const statusRule = `give one of ${statuses.join(", ")}`
