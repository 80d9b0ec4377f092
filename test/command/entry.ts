/**
 * The command as tests start it: the same sources as those of the bundle that is published, and in front of
 * them what hears which secrets they have in use, and whether they say one.
 */
import "../secrets/recordEffect.ts"
import "../../packages/cli/src/main.ts"
