import { HyperkitError } from '@hyperkit/core'
import { isKnown } from '../content/fingerprint-to-come.ts'
import type { Manifest, PresentImage } from '../manifest/manifest.ts'
import type { InstanceSource } from '../manifest/source.ts'
import type { Content } from './content.ts'
import { readFiles } from './read-files.ts'
import { readInstance } from './read-instance.ts'
import { readRemote } from './read-remote.ts'
import type { SourceContext } from './source-context.ts'

/** Says what an image of the manifest is to be on one of its servers. */
export type SourceReader = (image: PresentImage, server: string) => Promise<Content>

/** Reads each source once, however many images and servers want it. */
export function createSourceReader(manifest: Manifest, context: SourceContext): SourceReader {
  const contents = new Map<string, Promise<Content>>()
  const once = (key: unknown, read: () => Promise<Content>): Promise<Content> => {
    const text = JSON.stringify(key)
    const known = contents.get(text) ?? read()
    contents.set(text, known)
    return known
  }
  const readPublished = async (
    image: PresentImage,
    source: InstanceSource,
    server: string,
  ): Promise<Content> => {
    const publisher = source.server ?? server
    const content = await once([image.name, publisher], () =>
      readInstance({ image, source, server: publisher, owner: manifest.name }, context),
    )
    if (publisher === server || content.origin.kind !== 'publish') return content
    if (!isKnown(content.fingerprint) && !image.servers.includes(publisher))
      throw new HyperkitError(
        'not-found',
        `Cannot copy image "${image.name}" from "${publisher}": it was not published there yet, and this run is not about that server`,
      )
    return { ...content, origin: { kind: 'copy', server: publisher, depth: 1, mark: content.origin.mark } }
  }
  const read = (image: PresentImage, server: string): Promise<Content> => {
    const { at: _, ...source } = image.source
    switch (image.source.kind) {
      case 'file':
      case 'split': {
        const files = image.source
        return once(source, () => readFiles(files, image.name, context))
      }
      case 'remote': {
        const remote = image.source
        return once(source, () => readRemote(remote, context.signal))
      }
      case 'instance':
        return readPublished(image, image.source, server)
      case 'fingerprint':
        return Promise.resolve({
          fingerprint: image.source.fingerprint,
          size: null,
          origin: { kind: 'present' },
        })
      default:
        return Promise.reject(new Error(`no reader for ${image.source.kind}`))
    }
  }
  return read
}
