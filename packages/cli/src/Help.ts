/** Output of the parser: requested help on stdout, and invalid arguments on stderr, briefly. */
import * as CliOutput from "effect/cli/CliOutput"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { FlagDoc, HelpDoc } from "effect/cli/HelpDoc"
import * as Colour from "./Colour.ts"
import * as Text from "./Text.ts"

/**
 * Built-in flags whose description already lists their choices: a short type keeps the column of names
 * narrow.
 */
const shortTypes: Readonly<Record<string, string>> = { completions: "SHELL", "log-level": "LEVEL" }

const narrow = ({ globalFlags = [], ...doc }: HelpDoc): HelpDoc => ({
  ...doc,
  globalFlags: globalFlags.map((flag): FlagDoc => ({ ...flag, type: shortTypes[flag.name] ?? flag.type }))
})

/** Presents help, versions and invalid invocations. */
export const layer: Layer.Layer<never> = CliOutput.layerPresenter({
  present: (event) => {
    switch (event._tag) {
      case "Version":
        return Console.log(event.version)
      case "Help": {
        const asked = event.reason === "Requested" || event.commandPath.length === 1
        const formatter = CliOutput.defaultFormatter({
          colors: Colour.painterOf(asked ? process.stdout : process.stderr).isOn,
          globalFlags: "summary"
        })
        const text = formatter.formatHelpDoc(narrow(event.helpDoc))
        return asked ? Console.log(text) : Console.error(text)
      }
      case "InvalidInvocation": {
        const messages = event.errors.map(({ message }) => Text.lines(message))
        const path = event.commandPath.join(" ")
        return Effect.logError(`${messages.join("\n")}\n  see: ${path} --help`)
      }
    }
  }
})
