/** Our accounts, with the Promise API, as a script would have them. */
import { compshare } from "@cloud-quota/compshare/promise"
import type { AccountDefinition, Spec } from "@cloud-quota/core/promise"
import { metastudio } from "@cloud-quota/metastudio/promise"
import { accessKey, privateKey, projectId, publicKey, secretKey } from "./keys.ts"

export const team = (endpoint: string, teamId = 1001): AccountDefinition =>
  compshare({ teamId, publicKey, privateKey, endpoint })

export const project = (endpoint: string, id = projectId): AccountDefinition =>
  metastudio({ credentials: { accessKey, secretKey }, endpoint, projectId: id })

const from = (count: number, id: (index: number) => string): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => id(index))

/** Members of the team, by the ids that the server gives them. */
export const teamMembers = (count: number): ReadonlyArray<string> =>
  from(count, (index) => `${60_000 + index}`)

export const projectMembers = (count: number): ReadonlyArray<string> => from(count, (index) => `u${index}`)

/** One more yuan. */
export const oneYuan: Spec = { allowance: { adjust: "1 CNY" } }
