import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { makeImage, makeSplitImage } from '@hyperkit/conformance'
import type { Program } from './start-command.ts'

/** A command that creates an image, and how the next content of its source is made. */
export interface Job {
  name: string
  program: Program
  args: readonly string[]
  /** Gives the source another content. */
  change(content: string): Promise<void>
}

export interface Jobs {
  jobs: readonly Job[]
  close(): Promise<void>
}

/** The manifest and the alias of every job. */
export const owner = 'soak'

/** An expiry that YAML readers read differently, so that the client does not know what the image will have. */
const unknown = ['expiry_date: +2000000000']

/**
 * @param entry the server, as an entry of a manifest
 * @param remote the same server in the client configuration
 */
export async function makeJobs(folder: string, entry: string, remote: string): Promise<Jobs> {
  const web = await serveImage()
  const manifest = join(folder, 'images.yaml')
  const apply = (name: string, make: (content: string) => Promise<string>): Job => ({
    name: `apply of ${name}`,
    program: 'reconcile',
    args: ['apply', '--yes', manifest],
    async change(content) {
      const source = await make(content)
      writeFileSync(
        manifest,
        `version: 1\nname: ${owner}\nservers: { it: ${entry} }\nimages:\n  - { name: ${owner}, source: { ${source} }, properties: { team: soak }, keep: 1 }\n`,
      )
    },
  })
  const file = (content: string, metadata: readonly string[] = []) =>
    makeImage({ directory: folder, name: owner, seed: content, metadata })
  const split = async (content: string, metadata: readonly string[] = []): Promise<string> => {
    const made = await makeSplitImage({ directory: folder, name: owner, seed: content, metadata })
    return `metadata: ${made.metadata.path}, rootfs: ${made.rootfs.path}`
  }
  const jobs: Job[] = [
    apply('a file', async (content) => `file: ${(await file(content)).path}`),
    apply(
      'a file whose metadata are not known',
      async (content) => `file: ${(await file(content, unknown)).path}`,
    ),
    apply('two files', (content) => split(content)),
    apply('two files whose metadata are not known', (content) => split(content, unknown)),
    apply('a URL', async (content) => {
      const { path, fingerprint } = await file(content)
      web.serve(path, fingerprint)
      return `url: "${web.url}/files/${fingerprint}.tar.gz", sha256: ${fingerprint}, insecure: true`
    }),
    apply('a page', async (content) => {
      const { path, fingerprint } = await file(content)
      web.serve(path, fingerprint)
      return `url: "${web.url}/page", insecure: true`
    }),
    {
      name: 'import',
      program: 'import',
      args: [join(folder, `${owner}.tar.gz`), `${remote}:`, 'team=soak', '--alias', owner, '--reuse'],
      change: async (content) => void (await file(content)),
    },
  ]
  return { jobs, close: web.close }
}

interface ServedImage {
  url: string
  /** Serves a file from now on, with a page that names it. */
  serve(path: string, fingerprint: string): void
  close(): Promise<void>
}

async function serveImage(): Promise<ServedImage> {
  let bytes = Buffer.alloc(0)
  let fingerprint = ''
  const server = createServer((request, response) => {
    if (request.url !== '/page') {
      response.writeHead(200, { 'content-length': bytes.byteLength }).end(bytes)
      return
    }
    for (const prefix of ['LXD', 'Incus']) {
      response.setHeader(`${prefix}-Image-Hash`, fingerprint)
      response.setHeader(`${prefix}-Image-URL`, `http://${request.headers.host}/files/${fingerprint}.tar.gz`)
    }
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve(path, of) {
      bytes = readFileSync(path)
      fingerprint = of
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
