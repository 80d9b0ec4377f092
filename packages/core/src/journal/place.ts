/**
 * Parses the location of a journal: the URL of a Postgres database, or a path. A text that is not clearly one
 * of the two is refused and never quoted, since it may hold a password.
 */
import * as Result from "effect/Result"
import * as Fs from "node:fs"
import { tmpdir } from "node:os"
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path"
import { homeFolder } from "./stateDirectory.ts"

/** The two valid forms of a location. */
export const forms =
  "give a URL as postgres://user:password@host/database, or a path that begins with /, ./, ../ or ~/"

export const empty = `is empty: ${forms}, or leave it out`

const url = /^postgres(?:ql)?:\/\//i
const isWindows = process.platform === "win32"

/** Whether the text is meant as a Postgres URL, not as a path. */
export const isUrl = (text: string): boolean => url.test(text)

/** Returns the URL of a Postgres database, or the problem with the text. */
export const databaseOf = (text: string): Result.Result<URL, string> => {
  const problem = oddity(text)
  if (problem !== undefined) return Result.fail(problem)
  if (!url.test(text) || !URL.canParse(text))
    return Result.fail("is not plainly a URL as postgres://user:password@host/database")
  const parsed = new URL(text)
  const host = parsed.hostname || parsed.searchParams.get("host")
  return host && parsed.pathname.length > 1
    ? Result.succeed(parsed)
    : Result.fail("names no host or no database: give postgres://user:password@host/database")
}

/** Describes a database for people, without user and password. */
export const describeDatabase = (parsed: URL): string => {
  const host = parsed.host || parsed.searchParams.get("host") || ""
  return `postgres://${host}${parsed.pathname}`
}

/** Resolves a path against a folder, or returns the problem with it. */
export const folderOf = (
  text: string,
  from: string,
  home: string | undefined
): Result.Result<string, string> => {
  const problem = oddity(text) ?? notPath(text)
  if (problem !== undefined) return Result.fail(problem)
  if (!text.startsWith("~")) return Result.succeed(resolve(from, text))
  return home !== undefined && isAbsolute(home)
    ? Result.succeed(join(home, text.slice(2)))
    : Result.fail("begins with ~/, and this user has no home folder: set HOME, or give an absolute path")
}

/** Returns a problem that rules out both a URL and a path. */
const oddity = (text: string): string | undefined => {
  if (text === "") return empty
  if (text !== text.trim()) return "has blanks around it: take them away"
  if (/^["'`“”‘’]|["'`“”‘’]$/.test(text)) {
    return "has quotes around it, which files of variables keep: take them away"
  }
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)) return `has characters in it that are not seen: ${forms}`
  if (/\$[\w{(]|^%\w+%/.test(text)) return "has a variable in it that nothing has replaced: write it out"
  return undefined
}

const notPath = (text: string): string | undefined => {
  if (/^~[^/]/.test(text)) return `names another user's folder: ${forms}`
  if (text.includes("://") || /^[a-z][a-z0-9+.-]+:/i.test(text))
    return `is of no kind that is known: ${forms}`
  if (/^(?:\/|\.{1,2}\/|~\/)/.test(text)) return undefined
  if (isWindows && /^(?:[a-z]:[\\/]|\\|\.{1,2}\\|~\\)/i.test(text)) return undefined
  return `is not plainly a path: ${forms}`
}

/** Variables in which CI systems name folders that end with a job. */
const passing = [
  "TMPDIR",
  "TEMP",
  "TMP",
  "RUNNER_TEMP",
  "RUNNER_WORKSPACE",
  "GITHUB_WORKSPACE",
  "CI_PROJECT_DIR",
  "CI_BUILDS_DIR",
  "WORKSPACE",
  "WORKSPACE_TMP",
  "AGENT_TEMPDIRECTORY",
  "AGENT_BUILDDIRECTORY",
  "BUILDKITE_BUILD_CHECKOUT_PATH",
  "CIRCLE_WORKING_DIRECTORY",
  "BITBUCKET_CLONE_DIR",
  "DRONE_WORKSPACE",
  "CI_WORKSPACE"
]

/** Returns why a folder would vanish with a CI job, as far as its path shows it. */
export const vanishing = (
  directory: string,
  {
    cwd = process.cwd(),
    env = process.env,
    home = homeFolder()
  }: {
    readonly cwd?: string
    readonly env?: Readonly<Record<string, string | undefined>>
    readonly home?: string | undefined
  } = {}
): string | undefined => {
  const folders: ReadonlyArray<readonly [string, string | undefined]> = [
    ["the checkout", checkoutOf(cwd)],
    ["the home folder", home],
    ...["/tmp", "/var/tmp", "/dev/shm", "/run", tmpdir()].map(
      (path) => ["a temporary folder", path] as const
    ),
    ...passing.map((name) => [`the folder of ${name}`, env[name]] as const)
  ]
  const own = [directory, real(directory)]
  const found = folders.find(
    ([, folder]) =>
      folder !== undefined &&
      isAbsolute(folder) &&
      [folder, real(folder)].some((outer) => own.some((path) => isWithin(outer, path)))
  )
  return found && `it is in ${found[0]}`
}

/** Returns the git work tree around a folder, or the folder itself. */
const checkoutOf = (folder: string): string => {
  for (let path = folder; ; path = dirname(path)) {
    if (Fs.existsSync(join(path, ".git"))) return path
    if (dirname(path) === path) return folder
  }
}

/** Returns the path with its links resolved, as far as it exists. */
const real = (path: string): string => {
  try {
    return Fs.realpathSync(path)
  } catch {
    const above = dirname(path)
    return above === path ? path : join(real(above), path.slice(above.length))
  }
}

/** Whether a path is a folder or below it. False for a root, which is the home folder in some containers. */
const isWithin = (folder: string, path: string): boolean => {
  if (dirname(folder) === folder) return false
  const below = relative(folder, path)
  return below === "" || !(isAbsolute(below) || below === ".." || below.startsWith(`..${sep}`))
}
