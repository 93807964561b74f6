import { startServer } from '@hyperkit/conformance'
import { createTransport } from '@hyperkit/connect'
import { createClient } from '@hyperkit/core'
import { formatRun, type ScaleResult } from './format-run.ts'
import { makeImages, placeImage, type SmallImage, writeManifest } from './make-images.ts'
import { runCommand } from './run-command.ts'
import { saveReach } from './save-reach.ts'

/** Measures a plan without changes for 500 images on a real LXD that has 1,000. */
export async function planOnLxd(directory: string): Promise<ScaleResult> {
  const server = await startServer('lxd')
  try {
    const { url, serverCertificate, clientCertificate } = server
    const transport = await createTransport({ url, serverCertificate, clientCertificate })
    const client = createClient({ transport })
    const wanted = await makeImages(directory, 'wanted', 500)
    const others = await makeImages(directory, 'other', 500)
    await placeAll([...wanted, ...others], (image) => placeImage(client, image))
    const count = (await client.images.fingerprints()).length
    client.close()
    const servers = new Map([['lxd', await saveReach(directory, 'lxd', server)]])
    const manifest = await writeManifest(directory, servers, wanted)
    const run = await runCommand(directory, ['plan', '--detailed-exitcode', manifest])
    return {
      text: formatRun(`plan, nothing to do: 500 images on one LXD of ${count}`, run),
      goals: [],
    }
  } finally {
    await server.stop()
  }
}

async function placeAll(images: SmallImage[], place: (image: SmallImage) => Promise<void>): Promise<void> {
  const queue = images.values()
  const work = async (): Promise<void> => {
    for (const image of queue) await place(image)
  }
  await Promise.all(Array.from({ length: 8 }, work))
}
