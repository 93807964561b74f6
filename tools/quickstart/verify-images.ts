import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@hyperkit/connect'
import { saveImage } from '@hyperkit/files'
import type { MadeImage } from './make-images.ts'

/** Downloads each image by its alias, and checks that its content is the one that was packed. */
export async function verifyImages(
  images: readonly MadeImage[],
  remote: string,
  environment: Record<string, string | undefined>,
): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hyperkit-quickstart-'))
  const client = await connect({ remote, environment })
  try {
    const lines: string[] = []
    for (const { name, fingerprint } of images) {
      const saved = await saveImage(client, name, folder)
      if (saved.fingerprint !== fingerprint)
        throw new Error(`${name} is ${saved.fingerprint}, not ${fingerprint}`)
      lines.push(
        `Verified ${name}: ${saved.size} bytes read back, SHA-256 ${fingerprint.slice(0, 12)} as packed`,
      )
    }
    return lines
  } finally {
    client.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
