import type { CaseContext } from './case-context.ts'
import type { ImageFile } from './image-files.ts'

/** An image on the second server, and everything that a download of it needs. */
export interface OfferedImage {
  file: ImageFile
  fingerprint: string
  alias: string
  /** Of the second server. */
  certificate: string
  /** The server in the form of a request's `source`. */
  from: { server: string; certificate: string; protocol: string }
}

/** Uploads an image with one alias to the second server; needs `second-server`. */
export async function offerImage(
  { source, imageFile, unique, target }: CaseContext,
  { public: isPublic = true }: { public?: boolean } = {},
): Promise<OfferedImage> {
  const file = await imageFile({ size: 50_000 })
  const { fingerprint } = file
  const alias = unique('offered')
  await source.client.images.upload(file.source, { fingerprint, public: isPublic, aliases: [alias] })
  const { url: server, serverCertificate: certificate } = source
  return { file, fingerprint, alias, certificate, from: { server, certificate, protocol: target.dialect } }
}
