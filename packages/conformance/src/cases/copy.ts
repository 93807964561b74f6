import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { type Client, copyImage, type Image } from '@hyperkit/core'
import type { CopyMode } from '@hyperkit/core/parts'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import type { ServerAccess } from '../harness/target.ts'

const topic = 'copy'
const modes: readonly CopyMode[] = ['pull', 'push', 'relay']

export const cases: ConformanceCase[] = [
  {
    name: 'a private image keeps its attributes when it is pulled, pushed and relayed',
    topic,
    needs: ['second-server'],
    async run(context) {
      const { source, client } = context
      for (const mode of modes) {
        const offered = await offer(context, source.client)
        const copied = await copyImage(source.client, client, offered.fingerprint, { mode })
        deepEqual([copied.mode, copied.tried], [mode, []])
        deepEqual(keptOf(copied.image), keptOf(offered))
        deepEqual([copied.image.public, copied.image.aliases], [false, []])
        deepEqual(await client.images.get(offered.fingerprint), copied.image)
        ok(await client.images.hasContent(offered.fingerprint))
      }
    },
  },
  {
    name: 'a copied public image stays public, and keeps its filename if the server supports that',
    topic,
    needs: ['second-server'],
    async run(context) {
      const { source, client } = context
      for (const mode of modes) {
        const offered = await offer(context, source.client, { public: true })
        const { image } = await copyImage(source.client, client, offered.fingerprint, { mode })
        equal(image.public, true)
        // A server that pushes sends the fingerprint as the filename.
        equal(image.filename, mode === 'push' ? offered.fingerprint : offered.filename)
      }
    },
  },
  {
    name: 'split images and virtual machine images keep their form and type in every copy mode',
    topic,
    needs: ['second-server'],
    async run({ client, source, splitFiles }) {
      for (const rootfs of ['tar.gz', 'qcow2'] as const) {
        for (const mode of rootfs === 'qcow2' ? (['pull', 'relay'] as const) : modes) {
          const files = await splitFiles({ rootfs, size: 300_000 })
          const { fingerprint } = files
          await source.client.images.upload(files.source, { fingerprint })
          const { image } = await copyImage(source.client, client, fingerprint, { mode })
          deepEqual([image.fingerprint, image.type, image.size], [fingerprint, files.type, sizeOf(files)])
          equal((await client.images.export(fingerprint)).kind, 'split')
        }
      }
    },
  },
  {
    name: 'T52: a virtual machine image is pushed only by a source that keeps its type',
    topic,
    needs: ['second-server'],
    async run({ client, source, target, splitFiles, expected }) {
      const [mine, byHand] = [await splitFiles({ rootfs: 'qcow2' }), await splitFiles({ rootfs: 'qcow2' })]
      for (const { source: files, fingerprint } of [mine, byHand])
        await source.client.images.upload(files, { fingerprint })
      // The servers' own behaviour, so that the test notices if one of them changes it.
      const arrived = await pushByHand(source.client, client, target.server, byHand.fingerprint)
      equal(arrived, expected.pushedMachine)
      const { fingerprint } = mine
      const push = copyImage(source.client, client, fingerprint, { mode: 'push' })
      if (arrived === 'virtual-machine') {
        equal((await push).image.type, arrived)
        return
      }
      match((await expectError(push, 'copy-failed')).message, /would arrive as a container/)
      equal(await client.images.find(fingerprint), undefined)
    },
  },
  {
    name: 'a copy is pulled by default, also between clients over unix sockets',
    topic,
    needs: ['second-server'],
    async run(context) {
      const { source, socketClient, connect } = context
      const offered = await offer(context, source.client)
      const overSocket = await connect({ server: source, socket: true })
      const { mode, image, tried } = await copyImage(
        overSocket,
        socketClient,
        offered.fingerprint.slice(0, 20),
      )
      deepEqual([mode, image.fingerprint, tried], ['pull', offered.fingerprint, []])
    },
  },
  {
    name: 'unified, split and virtual machine images can be copied from LXD to Incus and from Incus to LXD',
    topic,
    needs: ['other-kind'],
    async run(context) {
      const { client, splitFiles } = context
      const other = await context.other()
      for (const [from, to] of [
        [client, other.client],
        [other.client, client],
      ] as const) {
        for (const mode of ['pull', 'relay', 'auto'] as const) {
          const offered = await offer(context, from)
          const copied = await copyImage(from, to, offered.fingerprint, { mode })
          deepEqual([copied.mode, copied.tried], [mode === 'auto' ? 'pull' : mode, []])
          deepEqual(keptOf(copied.image), keptOf(offered))
        }
        const offered = await offer(context, from, { public: true })
        const alias = offered.aliases[0]?.name ?? ''
        const followed = await copyImage(from, to, alias, { autoUpdate: true })
        deepEqual([followed.mode, followed.image.updateSource?.alias], ['pull', alias])
        for (const rootfs of ['tar.gz', 'qcow2'] as const) {
          for (const mode of ['pull', 'relay'] as const) {
            const files = await splitFiles({ rootfs })
            const { fingerprint } = files
            await from.images.upload(files.source, { fingerprint })
            const { image } = await copyImage(from, to, fingerprint, { mode })
            deepEqual([image.fingerprint, image.type], [fingerprint, files.type])
          }
        }
      }
    },
  },
  {
    name: 'a push between LXD and Incus is refused before it begins',
    topic,
    needs: ['other-kind'],
    async run(context) {
      const { client } = context
      const other = await context.other()
      const { fingerprint } = await offer(context, client)
      const error = await expectError(
        copyImage(client, other.client, fingerprint, { mode: 'push' }),
        'copy-failed',
      )
      match(error.message, /push: Cannot push from .*: LXD and Incus cannot push to each other/)
      equal(await other.client.images.find(fingerprint), undefined)
    },
  },
  {
    name: 'an image is copied from one project of a server to another, private or public',
    topic,
    async run(context) {
      const { client, makeProject, expected } = context
      for (const mode of modes) {
        for (const isPublic of new Set([false, expected.publicInProjects])) {
          const [one, two] = [client.project(await makeProject()), client.project(await makeProject())]
          const offered = await offer(context, one, { public: isPublic })
          const copied = await copyImage(one, two, offered.fingerprint, { mode, copyAliases: true })
          equal(copied.mode, mode)
          deepEqual(keptOf(copied.image), keptOf(offered))
          deepEqual(copied.image.aliases, offered.aliases)
          equal((await one.images.get(offered.fingerprint)).aliases.length, 1)
        }
      }
    },
  },
  {
    name: 'a client that the source does not trust can copy a public image',
    topic,
    needs: ['second-server'],
    async run(context) {
      const { source, client, connect } = context
      const stranger = await connect({ server: source, certificate: source.untrustedCertificate })
      const offered = await offer(context, source.client, { public: true })
      const [alias] = offered.aliases
      const copied = await copyImage(stranger, client, alias?.name ?? '')
      // An untrusted client cannot read the certificate by which the target would recognise the source.
      deepEqual([copied.mode, copied.tried.map(({ mode }) => mode)], ['relay', ['pull', 'push']])
      deepEqual(keptOf(copied.image), keptOf(offered))
      await client.images.delete(offered.fingerprint)
      const certificate = source.serverCertificate
      equal((await copyImage(stranger, client, alias?.name ?? '', { certificate })).mode, 'pull')
    },
  },
  {
    name: 'a client that the source does not trust can copy a private image only with a secret',
    topic,
    needs: ['second-server'],
    async run(context) {
      const { source, client, connect } = context
      const stranger = await connect({ server: source, certificate: source.untrustedCertificate })
      const certificate = source.serverCertificate
      for (const mode of ['pull', 'relay'] as const) {
        const offered = await offer(context, source.client)
        const { fingerprint } = offered
        await expectError(copyImage(stranger, client, fingerprint, { mode, certificate }), 'not-authorized')
        const { secret } = await source.client.images.createSecret(fingerprint)
        const copied = await copyImage(stranger, client, fingerprint, { mode, certificate, secret })
        deepEqual([copied.mode, keptOf(copied.image)], [mode, keptOf(offered)])
      }
    },
  },
]

/** @returns the type that the target gives the image */
async function pushByHand(
  from: Client,
  to: Client,
  server: ServerAccess,
  fingerprint: string,
): Promise<string> {
  const json = { source: { type: 'image', mode: 'push', fingerprint }, properties: {} }
  const token = await to.request({ method: 'POST', path: '/1.0/images', json })
  const { metadata } = token.metadata as { metadata: { secret: string } }
  const { operation = '' } = await from.request({
    method: 'POST',
    path: `/1.0/images/${fingerprint}/export`,
    json: { target: server.url, certificate: server.serverCertificate, secret: metadata.secret },
  })
  await from.operations.wait(operation)
  return (await to.images.get(fingerprint)).type
}

/** An image that differs from its file: more properties and one fewer, an expiry, an alias. */
export async function offer(
  { imageFile, unique }: CaseContext,
  client: Client,
  options: { public?: boolean } = {},
): Promise<Image> {
  const file = await imageFile({ size: 50_000 })
  const { fingerprint } = file
  await client.images.upload(file.source, {
    fingerprint,
    properties: { description: '', added: 'ü & more' },
    expiresAt: new Date('2031-02-03T04:05:06Z'),
    aliases: [{ name: unique('offered'), description: 'as offered' }],
    ...options,
  })
  return client.images.get(fingerprint)
}

/** The attributes that a copy keeps in every mode. */
export function keptOf(image: Image): unknown {
  const { fingerprint, size, type, architecture, properties, expiresAt, createdAt } = image
  return { fingerprint, size, type, architecture, properties, expiresAt, createdAt, public: image.public }
}

function sizeOf({ metadata, rootfs }: { metadata: { size: number }; rootfs: { size: number } }): number {
  return metadata.size + rootfs.size
}
