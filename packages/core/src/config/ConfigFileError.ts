/** The problems of a configuration file: all at once, each with its position in the text. */
import * as Schema from "effect/Schema"
import * as SafeText from "../model/SafeText.ts"

/** One problem. */
export const ConfigIssue = Schema.Struct({
  /** The setting, as `accounts.gpu.team`. Empty if it is about the whole file. */
  field: Schema.String,
  /** The problem, or its remedy. */
  message: Schema.String,
  /** The position, counted from 1. Absent if it is about the whole file. */
  line: Schema.optionalKey(Schema.Int),
  column: Schema.optionalKey(Schema.Int)
})
export type ConfigIssue = typeof ConfigIssue.Type

/**
 * The configuration cannot be used. The message contains names of settings, and no other text of the file.
 */
export class ConfigFileError extends Schema.TaggedError<ConfigFileError>()("ConfigFileError", {
  /** For people: the path relative to the working directory, or `the environment` without a file. */
  file: Schema.String,
  /** In text order. */
  issues: Schema.Array(ConfigIssue)
}) {
  /** One line per issue, as `cloud-quota.yaml:7:12 accounts.gpu.team: give the team's number`. */
  override get message(): string {
    return this.issues
      .map(({ column, field, line, message }) => {
        const place =
          line === undefined || column === undefined ? this.file : `${this.file}:${line}:${column}`
        return SafeText.visible(`${place} ${field === "" ? "" : `${field}: `}${message}`)
      })
      .join("\n")
  }
}
