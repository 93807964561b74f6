import process from 'node:process'
import { builtInScripts } from './built-in-scripts.ts'
import { runCli } from './run-cli.ts'

process.exit(await runCli(process.argv.slice(2), { builtIn: builtInScripts() }))
