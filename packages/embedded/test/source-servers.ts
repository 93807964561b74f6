import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { createImageServer, type ImageServer, type ImageServerOptions } from '../src/index.ts'
import { ask, settle, upload } from './ask.ts'
import { makeArchive } from './make-archive.ts'

export function newServer(options: ImageServerOptions): ImageServer {
  const server = createImageServer(options)
  onTestFinished(() => server.close())
  return server
}

export const sha256 = (...parts: Uint8Array[]): string =>
  createHash('sha256').update(Buffer.concat(parts)).digest('hex')

/**
 * A server on https that has one image under an alias.
 *
 * @param protocol the protocol of the pulls: Incus stores only images of its own protocol (T35)
 */
export async function newSource(dialect: 'lxd' | 'incus', protocol: 'lxd' | 'incus', isPublic = true) {
  const server = newServer({ dialect })
  const listening = await server.listen({ https: {} })
  const prefix = dialect === 'lxd' ? 'X-LXD-' : 'X-Incus-'
  const headers = { [`${prefix}public`]: isPublic ? '1' : '0', [`${prefix}filename`]: 'source.tar.gz' }
  const { metadata } = await upload(server, await makeArchive(), headers)
  await ask(server, 'POST', '/1.0/images/aliases', { json: { name: 'base', target: metadata.fingerprint } })
  const source = { type: 'image', server: listening.url, certificate: listening.certificate, protocol }
  return { server, fingerprint: metadata.fingerprint as string, source }
}

export const create = async (server: ImageServer, json: unknown) =>
  settle(server, await ask(server, 'POST', '/1.0/images', { json }))
export const read = async (server: ImageServer, fingerprint: string) =>
  (await ask(server, 'GET', `/1.0/images/${fingerprint}`)).metadata

export async function listenOn(site: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    site.closeAllConnections()
    return new Promise((resolve) => site.close(() => resolve()))
  })
  return `http://127.0.0.1:${(site.address() as AddressInfo).port}`
}

/** A port where nothing listens. */
export async function freePort(): Promise<number> {
  const site = createServer()
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  const { port } = site.address() as AddressInfo
  await new Promise((resolve) => site.close(resolve))
  return port
}
