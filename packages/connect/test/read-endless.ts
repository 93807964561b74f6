// Reads answers of hostile servers, in a process of its own whose memory is measured: its arguments are `name=URL`, which are read one after
// the other, or `name=URL,URL`, which are read at the same time.
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

async function readFrom(url: string, read: (client: Client) => Promise<unknown>): Promise<unknown> {
  const client = await connect({ url, environment: {} })
  try {
    return await read(client).catch(({ code, message }) => ({ code, message }))
  } finally {
    client.close()
  }
}

const results: Record<string, unknown> = {}
for (const word of process.argv.slice(2)) {
  const [name = '', urls = ''] = word.split('=')
  const read = name === 'parts' ? readParts : countImages
  const all = await Promise.all(urls.split(',').map((url) => readFrom(url, read)))
  results[name] = all.length === 1 ? all[0] : all
}
const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
console.log(JSON.stringify({ results, peak: Number(peak) / 1024 }))
process.exit(0)
