import type { DraftBlob, StoredBlob } from '../store/store.ts'

/** The bytes of an image that have arrived but are not committed yet. */
export interface IncomingImage {
  /** SHA-256 of all bytes in order, 64 hex. */
  fingerprint: string
  /** Size of all parts in bytes. */
  size: number
  /** The unified image, or the metadata of a split one. */
  archive: StoredBlob
  /** Present for a split image. */
  rootfs?: { part: 'rootfs' | 'rootfs.img'; blob: StoredBlob; filename: string }
  /** In the order of {@link blobsOf}. */
  drafts: DraftBlob[]
}

export async function discardImage({ drafts }: Pick<IncomingImage, 'drafts'>): Promise<void> {
  for (const draft of drafts) await draft.discard()
}
