/** Prepares the arguments: `-50CNY` is an amount, not a group of flags. */

/** A minus sign followed by digits is never a flag here, because no flag is a digit. */
const negativeAmount = /^-[\d.]+\s*[A-Za-z][A-Za-z0-9-]*$/

/**
 * Protects negative amounts from being parsed as flags, by a leading space that amounts ignore. After `--`,
 * every argument is a value anyway.
 */
export const withAmounts = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const end = args.indexOf("--")
  return args.map((arg, index) => ((end === -1 || index < end) && negativeAmount.test(arg) ? ` ${arg}` : arg))
}

/** Returns a command line that runs the same again, with quotes where a shell needs them. */
export const commandLine = (args: ReadonlyArray<string>): string =>
  ["cloud-quota", ...args]
    .map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`))
    .join(" ")
