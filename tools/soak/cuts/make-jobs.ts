import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeImage, makeSplitImage } from '@hyperkit/conformance'
import { type Client, copyImage, createClient, isHyperkitError, type Transport } from '@hyperkit/core'
import { createImageServer, type ImageServer } from '@hyperkit/embedded'
import { uploadImage } from '@hyperkit/files'
import { applyPlan, loadManifest, planManifest, planRollback } from '@hyperkit/reconcile'

/** A command that changes a server, and how to begin. */
export interface CutJob {
  name: string
  /** Makes what is there before. */
  prepare(client: Client, transport: Transport): Promise<unknown>
  run(client: Client, transport: Transport): Promise<unknown>
  /** Whether it takes an alias away. @default false */
  removes?: boolean
}

/** The address of the server that is changed. */
export const origin = 'http://127.0.0.1:1'

/** Every way to change a server; what each needs is made in the folder. */
export async function makeJobs(folder: string): Promise<{ jobs: CutJob[]; close(): Promise<void> }> {
  const one = await makeImage({ directory: folder, name: 'one' })
  const two = await makeImage({ directory: folder, name: 'two' })
  const split = await makeSplitImage({ directory: folder, name: 'split' })
  const files = { metadata: split.metadata.path, rootfs: split.rootfs.path }
  const other = createImageServer({ dialect: 'incus-6.0' })
  const elsewhere = inProcess(other)
  await uploadImage(elsewhere, one.path, { aliases: ['up'], public: true })

  const apply = async (transport: Transport, file: string): Promise<unknown> => {
    const manifest = await loadManifest(write(folder, file))
    const options = { wrapTransport: () => transport }
    const report = await applyPlan(await planManifest(manifest, options), { ...options, manifest })
    const failed = report.servers.find(({ status }) => status !== 'done')
    if (failed !== undefined) throw new UndoneError(JSON.stringify(failed))
    return report
  }
  const rollback = async (transport: Transport): Promise<unknown> => {
    const manifest = await loadManifest(write(folder, two.path))
    const options = { wrapTransport: () => transport }
    const plan = await planRollback(manifest, { image: 'app' }, { ...options, to: one.fingerprint })
    const report = await applyPlan(plan, { ...options, manifest })
    if (report.servers.some(({ status }) => status !== 'done')) throw new UndoneError(JSON.stringify(report))
    return report
  }
  const jobs: CutJob[] = [
    { name: 'apply', prepare: async () => {}, run: (_, transport) => apply(transport, one.path) },
    {
      name: 'apply of another version, which prunes',
      prepare: (_, transport) => apply(transport, one.path),
      run: (_, transport) => apply(transport, two.path),
    },
    {
      name: 'apply of two files',
      prepare: async () => {},
      run: (_, transport) => apply(transport, JSON.stringify(files)),
    },
    {
      name: 'rollback',
      async prepare(_, transport) {
        await apply(transport, `${one.path}#2`)
        await apply(transport, `${two.path}#2`)
      },
      run: (_, transport) => rollback(transport),
    },
    {
      name: 'uploadImage',
      prepare: async () => {},
      run: (client) =>
        uploadImage(client, one.path, {
          aliases: ['app'],
          reuseAliases: true,
          properties: { team: 'web' },
          public: true,
        }),
    },
    {
      name: 'uploadImage, split',
      prepare: async () => {},
      run: (client) => uploadImage(client, files, { properties: { team: 'web' } }),
    },
    {
      name: 'apply of an instance',
      prepare: async () => {},
      run: (_, transport) => apply(transport, 'instance: web1'),
    },
    {
      name: 'copyImage to it',
      prepare: async () => {},
      run: (client) => copyImage(elsewhere, client, one.fingerprint, { mode: 'relay', copyAliases: true }),
    },
    {
      name: 'update, and patch',
      prepare: (client) => uploadImage(client, one.path),
      async run(client) {
        await client.images.update(one.fingerprint, {
          properties: { a: 'b' },
          expiresAt: new Date('2030-01-01'),
        })
        await client.images.patch(one.fingerprint, { public: true })
      },
    },
    {
      name: 'aliases',
      async prepare(client) {
        await uploadImage(client, one.path, { aliases: ['app'] })
        await uploadImage(client, two.path)
      },
      async run(client) {
        await client.aliases.set('app', { target: two.fingerprint, description: 'moved' })
        await client.aliases.set('another', { target: one.fingerprint })
      },
    },
    {
      name: 'rename of an alias',
      prepare: (client) => uploadImage(client, one.path, { aliases: ['app'] }),
      run: (client) => client.aliases.rename('app', 'renamed').catch(ignore('not-found')),
      removes: true,
    },
    {
      name: 'delete',
      prepare: (client) => uploadImage(client, one.path, { aliases: ['app'] }),
      run: (client) => client.images.delete(one.fingerprint).catch(ignore('not-found')),
      removes: true,
    },
  ]
  return { jobs, close: () => other.close() }
}

/** A report in which something is not done. */
export class UndoneError extends Error {}

/** What is done already is an error of the repeated call. */
function ignore(code: 'not-found'): (error: unknown) => void {
  return (error) => {
    if (!isHyperkitError(error, code)) throw error
  }
}

/** A client of a server in this process. */
export function inProcess(server: ImageServer): Client {
  return createClient({
    transport: {
      name: 'inside',
      origin: 'http://inside',
      fetch: (input, init) => server.fetch(new Request(input, init as RequestInit)),
    },
  })
}

/** @param source the path of a file, with `#2` to keep two versions; both files as JSON; or any other source as YAML */
function write(folder: string, source: string): string {
  const [file = '', keep = '1'] = source.split('#')
  const text = file.startsWith('{') ? file.slice(1, -1) : file.startsWith('/') ? `file: ${file}` : file
  const path = join(folder, 'images.yaml')
  const image = `  - { name: app, source: { ${text} }, aliases: [app/lts], keep: ${keep} }`
  writeFileSync(
    `${path}.new`,
    `version: 1\nname: cuts\nservers: { it: { url: "${origin}" } }\nprune: {}\nimages:\n${image}\n`,
  )
  renameSync(`${path}.new`, path)
  return path
}
