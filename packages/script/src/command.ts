/**
 * What the commands `hyperkit` and `hyperkit-reconcile` share: a program whose commands are scripts, with its help,
 * completion, global flags and progress. It may change in a minor version.
 *
 * @example
 * ```ts
 * import process from 'node:process'
 * import { defineScript } from '@hyperkit/script'
 * import { readPackageVersion, runProgram, tableCatalogue } from '@hyperkit/script/command'
 *
 * const greet = defineScript({ description: 'Say hello', connects: false, run: ({ print }) => print('hello') })
 * const builtIn = tableCatalogue([
 *   { name: 'greet', description: greet.description, load: async () => ({ default: greet }) },
 * ])
 * process.exitCode = await runProgram(['greet'], {
 *   name: 'ops',
 *   description: 'Commands of our own',
 *   version: readPackageVersion(import.meta.url, 'ops'),
 *   usage: [['ops <command> [flags]', 'runs a command from the list below']],
 *   footer: '',
 *   builtIn,
 *   sections: async () => [{ title: 'Commands', catalogue: builtIn }],
 * })
 * ```
 *
 * @module
 */

export { describeArguments } from './arguments/describe-arguments.ts'
export { type GlobalFlag, globalArguments } from './arguments/global-flags.ts'
export { type Catalogue, type TableEntry, tableCatalogue } from './catalogue/catalogue.ts'
export { joinCatalogues } from './catalogue/join-catalogues.ts'
export { outlineArgument, outlineScript } from './catalogue/outline-script.ts'
export type { Outline, OutlinedArgument, Outlines } from './catalogue/outlines.ts'
export type { FoundScript, Program, ProgramWord } from './catalogue/program.ts'
export { type NamedScript, readNames } from './catalogue/read-names.ts'
export { type Clients, type OpenClientsOptions, openClients } from './client/open-clients.ts'
// The terminal of a command
export {
  type BeginOptions,
  type OpenBoardOptions,
  openBoard,
  type ProgressBoard,
  type ShownStep,
} from './console/open-board.ts'
export { type Console, type OpenConsoleOptions, openConsole } from './console/open-console.ts'
// A program
export { keepCompiledCode } from './program/keep-compiled-code.ts'
export { readPackageVersion } from './program/read-package-version.ts'
export { type RunProgramOptions, runProgram } from './program/run-program.ts'
// How a script runs
export { explainFailure } from './run/explain-failure.ts'
export { type RunScriptOptions, runScript } from './run/run-script.ts'
