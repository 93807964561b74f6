export { builtInScripts } from './built-in-scripts.ts'
export type { Catalogue } from '@hyperkit/script/command'
export { folderCatalogue } from './catalogue/folder-catalogue.ts'
export { manifestCommands, type RunCliOptions, runCli } from './run-cli.ts'
