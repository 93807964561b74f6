// Loaded before the command on Bun: counts the calls of `fetch`, and writes the number to a file at the end.
import { writeFileSync } from 'node:fs'
import process from 'node:process'

let requests = 0
const send = globalThis.fetch
globalThis.fetch = Object.assign((...given: Parameters<typeof send>) => {
  requests++
  return send(...given)
}, send)
process.on('exit', () => writeFileSync(process.env.HYPERKIT_COUNT_FILE ?? '', String(requests)))
