/** The credentials of a caller. Only the root account may manage the quotas of its sub-accounts. */
import * as KnownKeys from "@cloud-quota/core/adapter/KnownKeys"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"

/** A permanent access key, or with `securityToken` a temporary one. Huawei recommends this. */
export interface AccessKey {
  readonly accessKey: string
  readonly secretKey: Redacted.Redacted<string>
  readonly securityToken?: Redacted.Redacted<string>
}

/** A token of IAM that was fetched elsewhere. It lives for at most a day and is not renewed here. */
export interface Token {
  readonly token: Redacted.Redacted<string>
}

/**
 * An IAM user with programmatic access, from which tokens are fetched and renewed.
 *
 * **Gotchas**
 *
 * A HUAWEI ID cannot fetch tokens: IAM answers as if its password were wrong.
 */
export interface Password {
  /** The name of the account that the user belongs to. */
  readonly domain: string
  readonly user: string
  readonly password: Redacted.Redacted<string>
}

/**
 * An agency: one account has delegated permissions to another, whose access key fetches temporary keys of the
 * first. They are renewed before they expire.
 */
export interface AssumeRole {
  readonly agencyName: string
  /** The account that delegates, by name or id: at least one of them. */
  readonly domainName?: string
  readonly domainId?: string
  /** A key of the account that received the delegation. */
  readonly source: AccessKey
}

/** Any one of the four kinds. */
export type Credentials = AccessKey | Token | Password | AssumeRole

/** The invalid field, and its remedy. */
export interface Problem {
  readonly field: string
  readonly message: string
}

export const isToken = (self: Credentials): self is Token => "token" in self

export const isPassword = (self: Credentials): self is Password => "password" in self

export const isAssumeRole = (self: Credentials): self is AssumeRole => "agencyName" in self

/**
 * Returns the texts in the credentials that no message may repeat: the secrets, and the ids of their owners.
 */
export const secrets = (self: Credentials): ReadonlyArray<Redacted.Redacted<string>> => {
  if (isToken(self)) return [self.token]
  if (isPassword(self)) return [self.password]
  if (isAssumeRole(self)) return secrets(self.source)
  const { accessKey, secretKey, securityToken } = self
  const pair = [Redacted.make(accessKey), secretKey]
  return securityToken === undefined ? pair : [...pair, securityToken]
}

/** Returns the credentials, if they are complete and safe in a header. */
export const validate = (self: Credentials): Result.Result<Credentials, Problem> => {
  // The value itself may be a key: it is not quoted.
  if (typeof self !== "object" || self === null) {
    return Result.fail({
      field: "credentials",
      message: "are missing: give an access key, a token, a password or an agency"
    })
  }
  const unknown = KnownKeys.problem(self, namesOf(self), "credentials")
  if (unknown !== undefined) return Result.fail(unknown)
  if (isAssumeRole(self) && (typeof self.source !== "object" || self.source === null)) {
    return Result.fail({
      field: "source",
      message: "is missing: give the access key that assumes the agency"
    })
  }
  const inSource = isAssumeRole(self) ? KnownKeys.problem(self.source, keyNames) : undefined
  if (inSource !== undefined) return Result.fail({ ...inSource, field: `source.${inSource.field}` })
  for (const { field, isFree, value, remedy, secret } of fieldsOf(self)) {
    if (secret === true && value !== undefined && value !== null && !Redacted.isRedacted(value)) {
      const message = "wrap it in Redacted.make(…), so that no log can print it by accident"
      return Result.fail({ field, message })
    }
    const text = secret === true && Redacted.isRedacted(value) ? Redacted.value(value) : value
    if (typeof text !== "string" || text === "")
      return Result.fail({ field, message: `is missing: ${remedy}` })
    if (isFree === true) continue
    // A line break from a file or a shell is the usual accident, and would break the header.
    if (/[\s\p{Cc}]/u.test(text)) {
      return Result.fail({ field, message: `has spaces or line breaks in it: ${remedy}` })
    }
    if (!/^[\x21-\x7e]+$/.test(text)) {
      return Result.fail({ field, message: `has letters in it that no key has: ${remedy}` })
    }
  }
  return Result.succeed(self)
}

const keyNames: KnownKeys.Names<AccessKey> = { accessKey: true, secretKey: true, securityToken: true }

/** A field of another kind of credentials would be ignored silently. */
const namesOf = (self: Credentials): Readonly<Record<string, true>> => {
  if (isToken(self)) return { token: true }
  if (isPassword(self)) return { domain: true, user: true, password: true }
  return isAssumeRole(self) ? { agencyName: true, domainName: true, domainId: true, source: true } : keyNames
}

interface Field {
  readonly field: string
  /** `unknown`, because a caller without types may omit it. */
  readonly value: unknown
  readonly remedy: string
  readonly secret?: boolean
  /** Whether any text is accepted: it goes into a body, and not into a header. */
  readonly isFree?: boolean
}

const fieldsOf = (self: Credentials): ReadonlyArray<Field> => {
  if (isToken(self)) {
    return [
      {
        field: "token",
        value: self.token,
        remedy: "give the X-Subject-Token that IAM answered",
        secret: true
      }
    ]
  }
  if (isPassword(self)) {
    const { domain, password, user } = self
    return [
      {
        field: "domain",
        value: domain,
        remedy: "give the name of the account that the IAM user belongs to",
        isFree: true
      },
      { field: "user", value: user, remedy: "give the name of the IAM user", isFree: true },
      {
        field: "password",
        value: password,
        remedy: "give the password of the IAM user",
        secret: true,
        isFree: true
      }
    ]
  }
  if (isAssumeRole(self)) {
    const { agencyName, domainId, domainName, source } = self
    const remedy = "give the name or the id of the account that delegates"
    const domains: ReadonlyArray<Field> = [
      { field: "domainName", value: domainName, remedy, isFree: true },
      { field: "domainId", value: domainId, remedy }
    ]
    const given = domains.filter(({ value }) => value !== undefined)
    return [
      { field: "agencyName", value: agencyName, remedy: "give the name of the agency", isFree: true },
      ...(given.length === 0 ? domains : given),
      ...keyFields(source).map((field) => ({ ...field, field: `source.${field.field}` }))
    ]
  }
  return keyFields(self)
}

const keyFields = (self: AccessKey): ReadonlyArray<Field> => {
  const { accessKey, secretKey, securityToken } = self
  const keys: ReadonlyArray<Field> = [
    { field: "accessKey", value: accessKey, remedy: "give the access key id (AK) from My Credentials" },
    {
      field: "secretKey",
      value: secretKey,
      remedy: "give the secret access key (SK) of the access key",
      secret: true
    }
  ]
  if (securityToken === undefined) return keys
  const remedy = "give the security token of the temporary key, or leave it out"
  return [...keys, { field: "securityToken", value: securityToken, remedy, secret: true }]
}
