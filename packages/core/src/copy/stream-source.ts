import { UnsupportedError } from '../errors/errors.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import type { Simplestreams } from '../simplestreams/simplestreams.ts'
import type { StreamImage } from '../simplestreams/stream-image.ts'
import type { CopySource } from './copy-source.ts'
import { noteFailure } from './note-failure.ts'

/** A simplestreams server as the source of copies. */
export function streamSource(streams: Simplestreams): CopySource {
  const found = new Map<string, StreamImage>()
  const known = (fingerprint: string): StreamImage => found.get(fingerprint) as StreamImage
  return {
    name: streams.name,
    async find(reference, { signal, imageType, target }) {
      const image = await streams.resolve(reference, {
        type: imageType,
        architecture: target.architectures[0],
        dialect: target.dialect.kind,
        signal,
      })
      found.set(image.fingerprint, image)
      const alias = image.aliases.includes(reference) ? reference : undefined
      const aliases = image.aliases.map((name) => ({ name, description: '' }))
      // A copy of a public image is not meant to be public itself.
      return { ...image, aliases, alias, public: false, readable: true }
    },
    async offer({ fingerprint }, { dialect }) {
      if (known(fingerprint).readBy.includes(dialect.kind))
        return { urls: [streams.url], protocol: 'simplestreams' }
      throw new UnsupportedError(
        `Cannot have ${dialect.kind === 'lxd' ? 'LXD' : 'Incus'} download image ${shortFingerprint(fingerprint)} of "${streams.name}": its files are for ${dialect.kind === 'lxd' ? 'Incus' : 'LXD'}`,
        { server: streams.name },
      )
    },
    async open({ fingerprint }, signal) {
      const end = new AbortController()
      const within = signal === undefined ? end.signal : AbortSignal.any([signal, end.signal])
      const noting = noteFailure(streams.open(known(fingerprint), { signal: within }))
      return Object.assign(noting, { close: () => end.abort(new Error('the copy has ended')) })
    },
  }
}
