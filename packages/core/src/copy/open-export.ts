import type { Client } from '../client.ts'
import { TransportError } from '../errors/errors.ts'
import type { ExportPart, ImageExport } from '../images/export-image.ts'
import type { UploadSource } from '../images/upload-source.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import type { OpenedImage, SourceImage } from './copy-source.ts'
import { noteFailure } from './note-failure.ts'

/** An export of an image as the source of an upload. */
export async function openExport(
  client: Client<boolean>,
  image: SourceImage,
  signal: AbortSignal | undefined,
): Promise<OpenedImage> {
  const end = new AbortController()
  const within = signal === undefined ? end.signal : AbortSignal.any([signal, end.signal])
  const begin = (): Promise<ImageExport> =>
    client.images.export(image.fingerprint, { signal: within, secret: image.secret, size: image.size })
  const noting = noteFailure(describe(client, image, await begin(), begin))
  return Object.assign(noting, { close: () => end.abort(new Error('the copy has ended')) })
}

/** @param first the export that is read first; an upload that has to start again starts another export */
function describe(
  client: Client<boolean>,
  image: SourceImage,
  first: ImageExport,
  begin: () => Promise<ImageExport>,
): UploadSource {
  let unread: ImageExport | undefined = first
  const next = async (): Promise<ImageExport> => {
    const exported = unread ?? (await begin())
    unread = undefined
    return exported
  }
  const unexpected = (): TransportError =>
    new TransportError(
      'unexpected-answer',
      `Cannot export image ${shortFingerprint(image.fingerprint)} of "${client.name}": the server sent other files than before`,
      { server: client.name },
    )
  const { filename } = image
  const named = filename === '' ? {} : { filename }
  if (first.kind === 'unified') {
    const open = async (): Promise<ReadableStream<Uint8Array>> => {
      const exported = await next()
      if (exported.kind !== 'unified') throw unexpected()
      return exported.body
    }
    return { kind: 'unified', open, size: first.totalSize, ...named }
  }
  // The parts arrive in the order in which an upload sends them.
  let parts: AsyncIterator<ExportPart> | undefined
  const part = async (names: readonly string[]): Promise<ReadableStream<Uint8Array>> => {
    const { done, value } = (await parts?.next()) ?? { done: true }
    if (done || value === undefined || !names.includes(value.name)) throw unexpected()
    return value.body
  }
  return {
    kind: 'split',
    type: image.type,
    totalSize: image.size,
    metadata: {
      async open() {
        const exported = await next()
        if (exported.kind !== 'split') throw unexpected()
        parts = exported.parts[Symbol.asyncIterator]()
        return part(['metadata'])
      },
    },
    rootfs: { open: () => part(['rootfs', 'rootfs.img']), ...named },
  }
}
