/** MetaStudio projects: the limits of their sub-accounts. */
import type { IncomingMessage } from "node:http"
import { asset, assets, range } from "./bodies.ts"

const limitIn = (body: string): number | undefined => {
  const { quota }: { readonly quota?: { readonly voice_clone_basic?: number } } = JSON.parse(body)
  return quota?.voice_clone_basic
}

/** Returns a function that answers a request. */
export const makeProjects = (members: number) => {
  const projects = new Map<string, Map<string, number>>()
  const limitsOf = (id: string) => {
    const known = projects.get(id) ?? new Map(range(members).map((index) => [`u${index}`, 5]))
    projects.set(id, known)
    return known
  }
  return ({ method, url = "/" }: IncomingMessage, body: string): string => {
    const { pathname, searchParams } = new URL(url, "http://127.0.0.1")
    const limits = limitsOf(pathname.split("/")[2] ?? "")
    if (method === "PUT") {
      const limit = limitIn(body)
      if (limit !== undefined) limits.set(pathname.slice(pathname.lastIndexOf("/") + 1), limit)
      return "{}"
    }
    if (!pathname.endsWith("/user/quotas")) return '{"separately_controlled":true}'
    const one = searchParams.get("user_id")
    const offset = Number(searchParams.get("offset") ?? 0)
    const users =
      one === null
        ? [...limits.keys()].slice(offset, offset + Number(searchParams.get("limit") ?? 100))
        : [one]
    const rows = users.map((user) => asset(user, limits.get(user) ?? 0))
    return assets(one === null ? limits.size : 1, rows)
  }
}
