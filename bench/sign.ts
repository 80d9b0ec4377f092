/** Signing beside the bare hashes of the same text. */
import { Signature } from "@cloud-quota/compshare"
import { AkSk } from "@cloud-quota/metastudio"
import { Redacted, Result } from "effect"
import { createHash, createHmac } from "node:crypto"
import { accessKey, privateKey, projectId, publicKey, secretKey, userId } from "./clients/keys.ts"
import type { Measured } from "./frame/rows.ts"
import { busy, interleave } from "./frame/rounds.ts"
import { ratio } from "./frame/samples.ts"
import type { targets } from "./targets.ts"

const rounds = { rounds: 80, ms: 25 }

const compshare = async () => {
  const params = {
    Action: "SetCompShareTeamAmount",
    PublicKey: publicKey,
    Region: "cn-wlcb",
    TeamId: 1001,
    VirtualCompanyId: [60001],
    Amount: 12_000,
    OperateType: "AllocateAmount"
  }
  const key = Redacted.make(privateKey)
  const text = `${Signature.stringToSign(params)}${privateKey}`
  const samples = await interleave(
    {
      bare: busy(() => createHash("sha1").update(text).digest("hex")),
      ours: busy(() => Signature.sign(params, key))
    },
    rounds
  )
  return ratio(samples("ours").cpu, samples("bare").cpu)
}

const metastudio = async (method: "GET" | "PUT", body?: string) => {
  const url = `https://metastudio.cn-north-4.myhuaweicloud.com/v1/${projectId}/user/quotas/${userId}`
  const request: AkSk.Request = {
    method,
    url: new URL(method === "GET" ? `${url}?limit=100&offset=0` : url),
    headers: {
      "Content-Type": "application/json",
      "X-Project-Id": projectId,
      "X-Sdk-Date": "20260102T030405Z"
    },
    ...(body === undefined ? {} : { body })
  }
  const credentials = { accessKey, secretKey: Redacted.make(secretKey) }
  const canonical = Result.getOrThrow(AkSk.canonicalRequest(request))
  const { stringToSign } = Result.getOrThrow(AkSk.sign(request, credentials))
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")
  const samples = await interleave(
    {
      bare: busy(() => {
        sha256(body ?? "")
        sha256(canonical)
        createHmac("sha256", secretKey).update(stringToSign).digest("hex")
      }),
      ours: busy(() => AkSk.sign(request, credentials))
    },
    rounds
  )
  return ratio(samples("ours").cpu, samples("bare").cpu)
}

export const run = async (): Promise<Measured<typeof targets.sign>> => ({
  compshare: await compshare(),
  metastudioGet: await metastudio("GET"),
  metastudioPut: await metastudio("PUT", JSON.stringify({ quota: { voice_clone_basic: 5 } }))
})
