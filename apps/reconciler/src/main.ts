import process from 'node:process'
import { readPackageVersion, runProgram, tableCatalogue } from '@hyperkit/script/command'
import { commands } from './commands.ts'

const builtIn = tableCatalogue(commands)

process.exitCode = await runProgram(process.argv.slice(2), {
  name: 'hyperkit-reconcile',
  description: 'Makes the images and aliases of LXD and Incus servers match a manifest',
  version: readPackageVersion(import.meta.url, '@hyperkit/reconciler'),
  usage: [['hyperkit-reconcile <command> [flags]', 'runs a command from the list below']],
  builtIn,
  sections: async () => [{ title: 'Commands', catalogue: builtIn }],
  footer: `Exit codes: 0 done, 1 error; plan --detailed-exitcode: 0 no changes, 1 error, 2 changes are pending;
130 and 143 after SIGINT and SIGTERM. The result goes to stdout, progress to stderr.`,
})
