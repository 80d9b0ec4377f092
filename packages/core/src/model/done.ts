/** Whether a result that took place was done by this call, or by an earlier one of its run. */
export const doneOf = ({
  doneAt,
  outcome
}: {
  readonly doneAt?: unknown
  readonly outcome: { readonly _tag: string }
}): "now" | "already done" | undefined => {
  if (doneAt !== undefined) return "already done"
  return outcome._tag === "Applied" ? "now" : undefined
}
