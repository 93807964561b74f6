// Prints the events of a server's images, until Ctrl-C or until the given number of lines.
//
//   bun follow-events.ts [remote] [--lines 10]

import process from 'node:process'
import { parseArgs } from 'node:util'
import { connect } from '@hyperkit/connect'

const { values, positionals } = parseArgs({
  options: { lines: { type: 'string', default: 'Infinity' } },
  allowPositionals: true,
})
const [remote] = positionals
const client = await connect(remote === undefined ? {} : { remote })
const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())

let left = Number(values.lines)
try {
  // A lost connection is opened again; the event `connected` then means that events may have been missed.
  for await (const event of client.events({ types: ['lifecycle'], signal: interrupted.signal })) {
    if (event.type === 'connected') {
      console.log(event.reconnects === 0 ? 'connected' : 'connected again')
      continue
    }
    const { action, source } = event.metadata
    if (!String(action).startsWith('image-')) continue
    // JSON.stringify, because names come from others and could contain escape sequences for the terminal.
    console.log(event.at.toISOString(), action, JSON.stringify(source))
    if (--left <= 0) break
  }
} catch (error) {
  if (!interrupted.signal.aborted) throw error
}
client.close()
