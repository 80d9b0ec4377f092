/** The clouds of this command. */
import * as CompShareProvider from "@cloud-quota/compshare/CompShareProvider"
import type * as CompShareEmulator from "@cloud-quota/compshare/testing/CompShareEmulator"
import type { Provider } from "@cloud-quota/core/adapter/Provider"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import type { EmulateOptions, Emulated } from "@cloud-quota/core/testing/Emulator"
import * as MetaStudioProvider from "@cloud-quota/metastudio/MetaStudioProvider"
import type * as MetaStudioEmulator from "@cloud-quota/metastudio/testing/MetaStudioEmulator"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** In display order. */
export const all: ReadonlyArray<Provider> = [CompShareProvider.provider, MetaStudioProvider.provider]

type Startable = Pick<typeof CompShareEmulator, "start"> | Pick<typeof MetaStudioEmulator, "start">

/** Starts the emulated cloud of a provider, which is loaded on demand. */
export const start = (
  id: string,
  options: EmulateOptions
): Effect.Effect<Emulated, CloudQuotaError, Scope.Scope> =>
  Effect.gen(function* () {
    const emulator = yield* Effect.promise(
      (): Promise<Startable> =>
        id === CompShareProvider.provider.id
          ? import("@cloud-quota/compshare/testing/CompShareEmulator")
          : import("@cloud-quota/metastudio/testing/MetaStudioEmulator")
    )
    return yield* emulator.start(options)
  })
