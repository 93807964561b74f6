import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '@hyperkit/files/parts'

const folderName = 'certificates'

/** Paths next to a manifest for the certificates of sources, by their PEM text. Equal certificates share a file. */
export function nameCertificates(pems: Iterable<string>): Map<string, string> {
  return new Map(
    [...new Set(pems)].map((pem) => {
      const digest = createHash('sha256').update(pem).digest('hex')
      return [pem, `${folderName}/${digest.slice(0, 12)}.crt`]
    }),
  )
}

/** @param folder the folder of the manifest */
export async function writeCertificates(folder: string, named: ReadonlyMap<string, string>): Promise<void> {
  if (named.size > 0) await mkdir(join(folder, folderName), { recursive: true })
  for (const [pem, path] of named) await replaceFile(join(folder, path), pem)
}
