/** The clouds that this command knows. */
import * as CompShareProvider from "@cloud-quota/compshare/CompShareProvider"
import type { Provider } from "@cloud-quota/core/adapter/Provider"
import * as MetaStudioProvider from "@cloud-quota/metastudio/MetaStudioProvider"

/** In the order in which they are named to people. */
export const all: ReadonlyArray<Provider> = [CompShareProvider.provider, MetaStudioProvider.provider]
