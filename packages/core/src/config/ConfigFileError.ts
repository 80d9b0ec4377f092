/**
 * What is wrong with a configuration file: all of it at once, each with its place in the text.
 */
import * as Schema from "effect/Schema"
import * as SafeText from "../model/SafeText.ts"

/** One thing that is wrong. */
export const ConfigIssue = Schema.Struct({
  /** The setting, as `accounts.gpu.team`. Empty if it is about the whole file. */
  field: Schema.String,
  /** What is wrong, or what would be right. */
  message: Schema.String,
  /** Where it stands. Both are counted from 1, and absent if it is about the whole file. */
  line: Schema.optionalKey(Schema.Int),
  column: Schema.optionalKey(Schema.Int)
})
export type ConfigIssue = typeof ConfigIssue.Type

/** The configuration cannot be used. Nothing of its text is in the message but names of settings. */
export class ConfigFileError extends Schema.TaggedError<ConfigFileError>()("ConfigFileError", {
  /** As people call it: by its path from where they are, or `the environment` where there is no file. */
  file: Schema.String,
  /** In the order of the text. */
  issues: Schema.Array(ConfigIssue)
}) {
  /** A line for each issue, as `cloud-quota.yaml:7:12 accounts.gpu.team: give the team's number`. */
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
