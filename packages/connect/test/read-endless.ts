// Reads answers of hostile servers, in a process of its own whose memory is measured: its arguments are `name=URL`.
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { connect } from '@hyperkit/connect'
import type { Client } from '@hyperkit/core'

const fingerprint = 'a'.repeat(64)

async function readParts(client: Client): Promise<void> {
  const file = await client.images.export(fingerprint)
  if (file.kind === 'unified') throw new Error('the server should send two files')
  for await (const part of file.parts) await part.body.pipeTo(new WritableStream())
}

async function countImages(client: Client): Promise<number> {
  return (await client.images.list()).length
}

const results: Record<string, unknown> = {}
for (const word of process.argv.slice(2)) {
  const [name = '', url = ''] = word.split('=')
  const client = await connect({ url, environment: {} })
  const read = name === 'parts' ? readParts : countImages
  results[name] = await read(client).catch(({ code, message }) => ({ code, message }))
  client.close()
}
const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
console.log(JSON.stringify({ results, peak: Number(peak) / 1024 }))
process.exit(0)
