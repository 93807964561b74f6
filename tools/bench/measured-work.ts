// One measurement in its own process: does one work, and prints time and memory as a line of JSON.
import process from 'node:process'
import { createTransport } from '@hyperkit/connect'
import { type Client, copyImage, createClient, type Transport } from '@hyperkit/core'
import { checkImageFiles, fingerprintOf, saveImage, uploadImage } from '@hyperkit/files'
import { readPeak } from './run-measured.ts'
import type { Server, Work, WorkReport } from './work.ts'

const work = JSON.parse(process.argv[2] ?? '') as Work
const sent = { bytes: 0 }
const client = await openClient(work.server)

const begun = performance.now()
const outcome = await doWork(work)
const ownMilliseconds = performance.now() - begun
if (outcome !== work.fingerprint) throw new Error(`${outcome} is not ${work.fingerprint}`)
client.close()
const { user, system } = process.cpuUsage()
const report: WorkReport = {
  peakBytes: await readPeak('self'),
  sentBytes: sent.bytes,
  ownMilliseconds,
  cpuMilliseconds: (user + system) / 1000,
}
console.log(JSON.stringify(report))

async function doWork({ kind, paths, cache, fingerprint, target }: Work): Promise<string | undefined> {
  const [path = ''] = paths
  if (kind === 'upload') return (await uploadImage(client, path)).fingerprint
  if (kind === 'save') {
    const saved = await Promise.all(paths.map((one) => saveImage(client, fingerprint, { path: one })))
    return saved[0]?.fingerprint
  }
  if (kind === 'copy') {
    if (target === undefined) throw new Error('a copy needs a target')
    const other = await openClient(target)
    const { image } = await copyImage(client, other, fingerprint, { mode: 'relay' })
    other.close()
    return image.fingerprint
  }
  await checkImageFiles(path, { cache })
  return (await fingerprintOf(path, { cache })).fingerprint
}

async function openClient(server: Server): Promise<Client> {
  const { url, serverCertificate, clientCertificate, socket } = server
  return createClient({
    transport: counting(
      await createTransport(
        socket === undefined ? { url, serverCertificate, clientCertificate } : { socket },
      ),
    ),
  })
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
