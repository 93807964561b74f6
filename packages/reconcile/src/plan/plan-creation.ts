import type { DesiredImage } from '../desired/desired.ts'
import type { Change, Creation, FieldChange } from '../documents/plan.ts'
import { publicUrl } from '../identity/public-url.ts'

/** The change that brings a missing image to a server; none if the manifest gives it no source. */
export function planCreation(
  { origin, size }: Pick<DesiredImage, 'origin' | 'size'>,
  of: { image: string; fingerprint: string },
  fields: FieldChange[],
): Creation[] {
  switch (origin.kind) {
    case 'files':
      return [{ action: 'upload-image', ...of, bytes: size ?? 0, files: origin.files, fields }]
    case 'remote': {
      const { kind, server, protocol, alias } = origin
      return [
        { action: 'download-image', ...of, bytes: size, from: { kind, server, protocol, alias }, fields },
      ]
    }
    case 'url': {
      const { kind, url } = origin
      return [{ action: 'download-image', ...of, bytes: size, from: { kind, url: publicUrl(url) }, fields }]
    }
    case 'copy':
      return [{ action: 'copy-image', ...of, bytes: size, from: { server: origin.server }, fields }]
    case 'publish': {
      const { instance, snapshot } = origin
      return [{ action: 'publish-image', ...of, from: { instance, snapshot }, fields }]
    }
    case 'present':
      return []
  }
}

const creations: ReadonlySet<string> = new Set<Creation['action']>([
  'upload-image',
  'download-image',
  'copy-image',
  'publish-image',
])

/** Whether a change brings an image to a server. */
export function isCreation(change: Change): change is Creation {
  return creations.has(change.action)
}
