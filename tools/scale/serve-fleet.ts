// Runs many embedded servers with the same images: it prints the list of their addresses to stdout, and runs until its
// stdin closes.
import process from 'node:process'
import { createClient } from '@hyperkit/core'
import { createImageServer } from '@hyperkit/embedded'
import { placeImage, type SmallImage } from './make-images.ts'

export interface FleetWork {
  servers: number
  images: SmallImage[]
  /** PEM; each server trusts it. */
  certificate: string
}

export interface FleetMember {
  url: string
  serverCertificate: string
}

const work = JSON.parse(process.argv[2] ?? '') as FleetWork
const members = await Promise.all(
  Array.from({ length: work.servers }, async (_, number): Promise<FleetMember> => {
    const server = createImageServer({ dialect: number % 2 === 0 ? 'incus' : 'lxd' })
    const client = createClient({
      transport: {
        name: 'embedded',
        origin: 'http://embedded',
        fetch: (input, init) => server.fetch(new Request(input, init as RequestInit)),
      },
    })
    await client.certificates.create('scale', { certificate: work.certificate })
    for (const image of work.images) await placeImage(client, image)
    const { url, certificate } = await server.listen({ https: {} })
    return { url, serverCertificate: certificate ?? '' }
  }),
)
console.log(JSON.stringify(members))
process.stdin.on('end', () => process.exit(0)).resume()
