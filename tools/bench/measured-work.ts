// One measurement in its own process: uploads or saves one image, and prints time and memory as a line of JSON.
import process from 'node:process'
import { createTransport } from '@hyperkit/connect'
import { createClient, type Transport } from '@hyperkit/core'
import { checkImageFiles, fingerprintOf, saveImage, uploadImage } from '@hyperkit/files'
import { readPeak } from './run-measured.ts'
import type { Server, Work, WorkReport } from './work.ts'

const work = JSON.parse(process.argv[2] ?? '') as Work
const sent = { bytes: 0 }
const client = createClient({ transport: counting(await openTransport(work.server)) })

const begun = performance.now()
const outcome = await doWork(work)
const ownMilliseconds = performance.now() - begun
if (outcome !== work.fingerprint) throw new Error(`${outcome} is not ${work.fingerprint}`)
client.close()
const report: WorkReport = { peakBytes: await readPeak('self'), sentBytes: sent.bytes, ownMilliseconds }
console.log(JSON.stringify(report))

async function doWork({ kind, path, cache, fingerprint }: Work): Promise<string> {
  if (kind === 'upload') return (await uploadImage(client, path)).fingerprint
  if (kind === 'save') return (await saveImage(client, fingerprint, { path })).fingerprint
  await checkImageFiles(path, { cache })
  return (await fingerprintOf(path, { cache })).fingerprint
}

function openTransport(server: Server): Promise<Transport> {
  const { url, serverCertificate, clientCertificate } = server
  return createTransport({ url, serverCertificate, clientCertificate })
}

/** Records the announced length of bodies; counting the bytes would slow down the transfer that is measured. */
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
