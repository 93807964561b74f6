import type { Manifest, PresentImage } from '../manifest/manifest.ts'
import type { Content } from './content.ts'
import { readFiles } from './read-files.ts'
import { readRemote } from './read-remote.ts'
import type { SourceContext } from './source-context.ts'

/** Says what an image of the manifest is to be on one of its servers. */
export type SourceReader = (image: PresentImage, server: string) => Promise<Content>

/** Reads each source once, however many images and servers want it. */
export function createSourceReader(_manifest: Manifest, context: SourceContext): SourceReader {
  const contents = new Map<string, Promise<Content>>()
  const once = (key: unknown, read: () => Promise<Content>): Promise<Content> => {
    const text = JSON.stringify(key)
    const known = contents.get(text) ?? read()
    contents.set(text, known)
    return known
  }
  const read = (image: PresentImage): Promise<Content> => {
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
  return (image) => read(image)
}
