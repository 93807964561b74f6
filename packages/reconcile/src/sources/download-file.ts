import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { HyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import { publicUrl } from '../identity/public-url.ts'
import type { OpenedUrl } from './open-url.ts'
import { type ReceiveBodyOptions, type Received, receiveBody } from './receive-body.ts'

export interface DownloadFileOptions extends ReceiveBodyOptions {
  /** Called before the file gets its name; throws to refuse it. */
  check?(file: Received): void
}

/**
 * Writes the body of a response to a file. The file gets its name only when it is complete and checked; a download that fails
 * leaves nothing behind.
 *
 * @throws {HyperkitError} `interrupted`, `timeout`, `file-unwritable`
 */
export async function downloadFile(
  opened: OpenedUrl,
  path: string,
  { check, ...options }: DownloadFileOptions,
): Promise<Received> {
  const part = `${path}.${randomUUID().slice(0, 8)}.part`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const handle = await open(part, 'wx', 0o600)
    const file = await receiveBody(opened, handle, options).finally(() => handle.close())
    check?.(file)
    await rename(part, path)
    return file
  } catch (error) {
    await rm(part, { force: true })
    options.signal?.throwIfAborted()
    if (error instanceof HyperkitError) throw error
    const why = messageOf(error)
    throw new HyperkitError(
      'file-unwritable',
      `Cannot download ${JSON.stringify(publicUrl(opened.url))}: ${why}`,
      {
        cause: error,
      },
    )
  }
}
