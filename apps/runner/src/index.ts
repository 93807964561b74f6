export { builtInScripts } from './built-in-scripts.ts'
export type { Catalogue } from './catalogue/catalogue.ts'
export { folderCatalogue } from './catalogue/folder-catalogue.ts'
export { type RunCliOptions, runCli } from './run-cli.ts'
