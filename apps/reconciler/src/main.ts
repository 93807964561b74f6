import process from 'node:process'
import { runReconciler } from './run-reconciler.ts'

process.exitCode = await runReconciler(process.argv.slice(2))
