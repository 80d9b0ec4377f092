/**
 * The arguments as they are meant: `-50CNY` is an amount, and no row of flags.
 */

/** A minus sign and digits are never a flag here, since no flag is a digit. */
const negativeAmount = /^-[\d.]+\s*[A-Za-z][A-Za-z0-9-]*$/

/**
 * Lets negative amounts through to where amounts are understood, which minds no space before them.
 * After `--`, everything is a value anyway.
 */
export const withAmounts = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const end = args.indexOf("--")
  return args.map((arg, index) => ((end === -1 || index < end) && negativeAmount.test(arg) ? ` ${arg}` : arg))
}

/** A command line that does the same again, with everything quoted that a shell would not leave alone. */
export const commandLine = (args: ReadonlyArray<string>): string =>
  ["cloud-quota", ...args]
    .map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`))
    .join(" ")
