/** What a person would write instead: undici, a signature, `JSON.parse`. No checks, no retries, no journal. */
import { createHash, createHmac } from "node:crypto"
import type { Dispatcher } from "undici"
import { accessKey, privateKey, publicKey, secretKey } from "./keys.ts"

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

const bodyOf = async (answer: Promise<Dispatcher.ResponseData>): Promise<unknown> =>
  JSON.parse(await (await answer).body.text())

type Params = Readonly<Record<string, string>>

/** Returns the parameters of a CompShare action. */
export const compshareParams = (action: string, rest: Params): Params => ({
  Action: action,
  PublicKey: publicKey,
  Region: "cn-wlcb",
  ...rest
})

/** Returns the signed form of parameters. */
export const signedForm = (params: Params): string => {
  const joined = Object.keys(params)
    .sort()
    .map((key) => `${key}${params[key]}`)
    .join("")
  const Signature = createHash("sha1").update(`${joined}${privateKey}`).digest("hex")
  return new URLSearchParams({ ...params, Signature }).toString()
}

const formHeaders = { "content-type": "application/x-www-form-urlencoded" }

/** Sends a form to CompShare. */
export const postForm = (to: Dispatcher, body: string): Promise<unknown> =>
  bodyOf(to.request({ method: "POST", path: "/", body, headers: formHeaders }))

/** A request to MetaStudio. */
export interface Request {
  readonly method: "GET" | "PUT"
  readonly path: string
  readonly query?: string
  readonly body?: unknown
}

const textOf = ({ body }: Request): string => (body === undefined ? "" : JSON.stringify(body))

const signature = ({ method, path, query = "" }: Request, text: string, host: string) => {
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, "")
  const names = "host;x-sdk-date"
  const canonical = `${method}\n${path}/\n${query}\nhost:${host}\nx-sdk-date:${date}\n\n${names}\n${sha256(text)}`
  const signed = createHmac("sha256", secretKey)
    .update(`SDK-HMAC-SHA256\n${date}\n${sha256(canonical)}`)
    .digest("hex")
  return {
    "x-sdk-date": date,
    authorization: `SDK-HMAC-SHA256 Access=${accessKey}, SignedHeaders=${names}, Signature=${signed}`
  }
}

/** Sends a request to MetaStudio, signed for this host or unsigned. */
export const sendJson = (to: Dispatcher, request: Request, host?: string): Promise<unknown> => {
  const { method, path, query } = request
  const text = textOf(request)
  const signed = host === undefined ? {} : signature(request, text, host)
  return bodyOf(
    to.request({
      method,
      path: query === undefined ? path : `${path}?${query}`,
      headers: { "content-type": "application/json", ...signed },
      ...(text === "" ? {} : { body: text })
    })
  )
}
