import { type Outlines, readPackageVersion, runProgram, tableCatalogue } from '@hyperkit/script/command'
import { commands } from './commands.ts'

/** Options of {@link runReconciler}. */
export interface RunReconcilerOptions {
  /** The version that `hyperkit-reconcile --version` prints. @default that of this package */
  version?: string
  /** What the build wrote down of the commands. @default nothing */
  outlines?: Outlines
}

/** Runs a command line of `hyperkit-reconcile` and returns the exit code. */
export function runReconciler(
  words: readonly string[],
  { version, outlines }: RunReconcilerOptions = {},
): Promise<number> {
  const builtIn = tableCatalogue(commands)
  return runProgram(words, {
    name: 'hyperkit-reconcile',
    description: 'Makes the images and aliases of LXD and Incus servers match a manifest',
    version: version ?? readPackageVersion(import.meta.url, '@hyperkit/reconciler'),
    usage: [['hyperkit-reconcile <command> [flags]', 'runs a command from the list below']],
    builtIn,
    outlines,
    sections: async () => [{ title: 'Commands', catalogue: builtIn }],
    footer: `Exit codes: 0 done, 1 error; plan --detailed-exitcode: 0 no changes, 1 error, 2 changes are pending;
130 and 143 after SIGINT and SIGTERM. The result goes to stdout, progress to stderr.`,
  })
}
