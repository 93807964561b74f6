import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { registryPrograms } from './find-registry.ts'
import type { PushedImage } from './registry-api.ts'

const run = promisify(execFile)

interface Destination {
  /** Host and port of the registry. */
  host: string
  /** A directory with the authority of the registry. */
  certificates: string
  /** A directory for the image. */
  folder: string
  /** `USER:PASSWORD` */
  credentials: string | undefined
}

/** Makes an image with umoci and pushes it with skopeo. @returns the digest of its manifest */
export async function pushWithPrograms(
  { repository, tag, architecture, layers }: PushedImage,
  { host, certificates, folder, credentials }: Destination,
): Promise<string> {
  const layout = join(folder, `layout-${randomUUID().slice(0, 8)}`)
  const image = `${layout}:made`
  const umoci = (...words: string[]) => run(registryPrograms.umoci, words)
  await umoci('init', '--layout', layout)
  await umoci('new', '--image', image)
  for (const [index, text] of layers.entries()) {
    const file = `${layout}.file`
    await writeFile(file, text)
    await umoci('insert', '--image', image, file, `/etc/layer-${index}`)
  }
  await umoci(
    ...['config', '--image', image, '--created', '2024-05-06T07:08:09Z', '--config.cmd', '/bin/sh'],
    ...(architecture === undefined ? [] : ['--architecture', architecture]),
  )
  const digestFile = `${layout}.digest`
  await run(registryPrograms.skopeo, [
    ...['--insecure-policy', 'copy', '--quiet', '--dest-cert-dir', certificates],
    ...(credentials === undefined ? [] : ['--dest-creds', credentials]),
    ...['--digestfile', digestFile, `oci:${image}`, `docker://${host}/${repository}:${tag}`],
  ])
  return (await readFile(digestFile, 'utf8')).trim()
}
