import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { copyImage } from '@hyperkit/core'
import { saveImage, uploadImage } from '@hyperkit/files'
import type { Scene } from './open-scene.ts'

/** A call that the product makes. */
export interface HostileCall {
  /** Whether it may wait for the server's work, or for events, for as long as the caller likes. */
  waits?: boolean
  run(scene: Scene): Promise<unknown>
  /** What a success must not be, in words; undefined if it is one. */
  doubt?(value: never, scene: Scene): string | undefined | Promise<string | undefined>
}

/** Gives each call its own type of value. */
function call<Value>(
  run: (scene: Scene) => Promise<Value>,
  more: {
    waits?: boolean
    doubt?(value: Value, scene: Scene): ReturnType<NonNullable<HostileCall['doubt']>>
  } = {},
): HostileCall {
  return { run, ...more } as HostileCall
}

const waits = true
const read = async (body: ReadableStream<Uint8Array>): Promise<void> => {
  await body.pipeTo(new WritableStream())
}

/** The calls of a client. */
export const clientCalls: Record<string, HostileCall> = {
  server: call(({ client, signal }) => client.server({ signal })),
  view: call(({ client, signal }) => client.view({ signal })),
  'images.list': call(({ client, signal }) => client.images.list({ signal })),
  'images.fingerprints': call(({ client, signal }) => client.images.fingerprints({ signal }), {
    doubt: (found) =>
      found.every((text) => /^[0-9a-f]{64}$/.test(text)) ? undefined : 'a fingerprint is none',
  }),
  'images.used': call(({ client, signal }) => client.images.used({ signal })),
  'images.get': call(({ client, unified, signal }) => client.images.get(unified.fingerprint, { signal }), {
    doubt: (image, { unified }) =>
      image.fingerprint === unified.fingerprint ? undefined : 'it is another image',
  }),
  'images.find by a prefix': call(
    ({ client, unified, signal }) => client.images.find(unified.fingerprint.slice(0, 12), { signal }),
    {
      doubt: (image, { unified }) =>
        image === undefined || image.fingerprint.startsWith(unified.fingerprint.slice(0, 12))
          ? undefined
          : 'it is another image',
    },
  ),
  'images.getByAlias': call(({ client, signal }) => client.images.getByAlias('unified', { signal })),
  'images.hasContent': call(({ client, split, signal }) =>
    client.images.hasContent(split.fingerprint, { signal }),
  ),
  'images.update': call(({ client, unified, signal }) =>
    client.images.update(unified.fingerprint, { properties: { tested: 'yes' } }, { signal }),
  ),
  'images.patch': call(({ client, unified, signal }) =>
    client.images.patch(unified.fingerprint, { public: false }, { signal }),
  ),
  'images.delete': call(({ client, split, signal }) => client.images.delete(split.fingerprint, { signal }), {
    waits,
  }),
  'images.createSecret': call(({ client, unified, signal }) =>
    client.images.createSecret(unified.fingerprint, { signal }),
  ),
  'images.refresh': call(
    ({ client, unified, signal }) => client.images.refresh(unified.fingerprint, { signal }),
    {
      waits,
    },
  ),
  'images.export': call(async ({ client, unified, signal }) => {
    const file = await client.images.export(unified.fingerprint, { signal })
    if (file.kind === 'unified') await read(file.body)
    else for await (const part of file.parts) await read(part.body)
  }),
  'images.export, split': call(async ({ client, split, signal }) => {
    const file = await client.images.export(split.fingerprint, { signal })
    if (file.kind === 'unified') await read(file.body)
    else for await (const part of file.parts) await read(part.body)
  }),
  'images.createFromInstance': call(
    ({ client, signal }) => client.images.createFromInstance('web1', { signal }),
    { waits },
  ),
  'images.createFromSnapshot': call(
    ({ client, signal }) => client.images.createFromSnapshot('web1', 'before', { signal }),
    { waits },
  ),
  'images.createFromRemote': call(
    ({ client, honestUrl, signal }) =>
      client.images.createFromRemote(honestUrl, { alias: 'unified', protocol: 'incus', signal }),
    { waits },
  ),
  uploadImage: call(
    ({ client, fresh, signal }) =>
      uploadImage(client, fresh.paths[0] ?? '', { signal, aliases: ['new'], properties: { os: 'x' } }),
    {
      waits,
      doubt: (image, { fresh }) =>
        image.fingerprint === fresh.fingerprint ? undefined : 'another image was reported as uploaded',
    },
  ),
  'uploadImage, split': call(
    ({ client, split, signal }) =>
      uploadImage(
        client,
        { metadata: split.paths[0] ?? '', rootfs: split.paths[1] ?? '' },
        { signal, public: true },
      ),
    {
      waits,
      doubt: (image, { split }) =>
        image.fingerprint === split.fingerprint ? undefined : 'another image was reported as uploaded',
    },
  ),
  'saveImage, unified': call(
    ({ client, out, signal }) => saveImage(client, { alias: 'unified' }, out, { signal, filename: 'server' }),
    {
      doubt: (saved) =>
        hashOf(saved.kind === 'unified' ? [saved.path] : [saved.metadata, saved.rootfs]) === saved.fingerprint
          ? undefined
          : 'the saved files are not the image',
    },
  ),
  'saveImage, split': call(
    ({ client, split, out, signal }) => saveImage(client, split.fingerprint, join(out), { signal }),
    {
      doubt: (saved, { split }) =>
        saved.fingerprint === split.fingerprint &&
        hashOf(saved.kind === 'unified' ? [saved.path] : [saved.metadata, saved.rootfs]) === split.fingerprint
          ? undefined
          : 'the saved files are not the image',
    },
  ),
  'copyImage from it': call(
    ({ client, honest, unified, signal }) =>
      copyImage(client, honest, unified.fingerprint, { signal, mode: 'relay', copyAliases: true }),
    {
      waits,
      async doubt(_, { honest, unified }) {
        return (await honest.images.find(unified.fingerprint)) === undefined
          ? 'the copy is not there'
          : undefined
      },
    },
  ),
  'copyImage to it': call(
    async ({ client, honest, fresh, signal }) => {
      await uploadImage(honest, fresh.paths[0] ?? '')
      return copyImage(honest, client, fresh.fingerprint, { signal, mode: 'relay' })
    },
    { waits },
  ),
  'aliases.list': call(({ client, signal }) => client.aliases.list({ signal })),
  'aliases.get': call(({ client, signal }) => client.aliases.get('unified', { signal }), {
    doubt: ({ target }) => (/^[0-9a-f]{64}$/.test(target) ? undefined : 'the alias points at no fingerprint'),
  }),
  'aliases.create': call(({ client, unified, signal }) =>
    client.aliases.create('one/more', { target: unified.fingerprint }, { signal }),
  ),
  'aliases.set': call(({ client, split, signal }) =>
    client.aliases.set('unified', { target: split.fingerprint }, { signal }),
  ),
  'aliases.rename': call(({ client, signal }) => client.aliases.rename('unified', 'renamed', { signal })),
  'aliases.delete': call(({ client, signal }) => client.aliases.delete('split', { signal })),
  'operations.list': call(({ client, signal }) => client.operations.list({ signal })),
  'operations.get': call(async ({ client, unified, signal }) => {
    const { id } = await client.images.delete(unified.fingerprint, { sync: false, signal })
    return client.operations.get(id ?? '', { signal })
  }),
  'operations.wait': call(
    async ({ client, unified, signal }) => {
      const { id } = await client.images.delete(unified.fingerprint, { sync: false, signal })
      return client.operations.wait(id ?? '', { signal, patience: 500 })
    },
    { waits },
  ),
  'certificates.list': call(({ client, signal }) => client.certificates.list({ signal })),
  'certificates.create': call(({ client, certificate, signal }) =>
    client.certificates.create('laptop', { certificate: certificate.cert, signal }),
  ),
  'certificates.createToken': call(({ client, signal }) =>
    client.certificates.createToken('laptop', { signal }),
  ),
  'certificates.delete': call(({ client, certificate, signal }) =>
    client.certificates.delete(certificate.fingerprint, { signal }),
  ),
  events: call(
    async ({ client, signal }) => {
      let seen = 0
      for await (const event of client.events({ patience: 0, signal })) {
        if (event.type !== 'connected' && !(event.at instanceof Date)) throw new Error('no time')
        if (++seen === 3) break
      }
    },
    { waits },
  ),
}

function hashOf(paths: readonly string[]): string {
  const hash = createHash('sha256')
  for (const path of paths) if (existsSync(path)) hash.update(readFileSync(path))
  return hash.digest('hex')
}
