// One measurement in a process of its own: `upload` or `save` of one image, and what it took, as a line of JSON.
import { readFile, rm } from 'node:fs/promises'
import process from 'node:process'
import { createTransport } from '@hyperkit/connect'
import { createClient, type Transport } from '@hyperkit/core'
import { saveImage, uploadImage } from '@hyperkit/files'
import type { Server, Work, WorkReport } from './work.ts'

const work = JSON.parse(process.argv[2] ?? '') as Work
const sent = { bytes: 0 }
const client = createClient({ transport: counting(await openTransport(work.server)) })

const started = performance.now()
const outcome =
  work.kind === 'upload'
    ? (await uploadImage(client, work.path)).fingerprint
    : (await saveImage(client, work.fingerprint, { path: work.path })).fingerprint
const milliseconds = performance.now() - started
if (outcome !== work.fingerprint) throw new Error(`${outcome} is not ${work.fingerprint}`)
if (work.kind === 'save') await rm(work.path)
client.close()
const report: WorkReport = { milliseconds, peakBytes: await readPeak(), sentBytes: sent.bytes }
console.log(JSON.stringify(report))

function openTransport(server: Server): Promise<Transport> {
  const { url, serverCertificate, clientCertificate } = server
  return createTransport({ url, serverCertificate, clientCertificate })
}

/** Notes the announced length of bodies; counting the bytes themselves would cost what is measured. */
function counting(transport: Transport): Transport {
  return {
    ...transport,
    fetch(input, init) {
      const headers = new Headers(init?.headers ?? (typeof input === 'string' ? undefined : input.headers))
      sent.bytes += Number(headers.get('content-length') ?? 0)
      return transport.fetch(input, init)
    },
  }
}

/** The kernel's own count: the most memory that this process ever held. */
async function readPeak(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) * 1024
}
