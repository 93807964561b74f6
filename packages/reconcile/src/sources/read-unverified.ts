import { createHash } from 'node:crypto'
import { readFile, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { HyperkitError } from '@hyperkit/core'
import { discardBody } from '@hyperkit/core/parts'
import { replaceFile } from '@hyperkit/files/parts'
import * as v from 'valibot'
import { publicUrl } from '../identity/public-url.ts'
import type { UrlSource } from '../manifest/source.ts'
import type { Content } from './content.ts'
import { downloadFile } from './download-file.ts'
import { downloadFolder, sweepDownloads } from './download-folder.ts'
import { openUrl } from './open-url.ts'
import { receiveBody } from './receive-body.ts'
import type { SourceContext } from './source-context.ts'

/** What is stored next to a download, to find out whether the URL still has the same file. */
const cacheEntrySchema = v.strictObject({
  fingerprint: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  size: v.number(),
  etag: v.nullable(v.string()),
  lastModified: v.nullable(v.string()),
})

type CacheEntry = v.InferOutput<typeof cacheEntrySchema>

/** Downloads the file of a URL to find its fingerprint, but not again if the web server reports that it has not changed. */
export async function readUnverified(
  { url, insecure }: UrlSource,
  {
    signal,
    wrapTransport,
    maxSize,
    keepsNothing = false,
  }: Pick<SourceContext, 'signal' | 'wrapTransport' | 'maxSize' | 'keepsNothing'>,
): Promise<Content> {
  const folder = downloadFolder()
  if (!keepsNothing) await sweepDownloads(folder)
  const path = join(folder, `url-${createHash('sha256').update(url).digest('hex')}`)
  const before = await readCacheEntry(path)
  const opened = await openUrl(url, {
    method: 'GET',
    insecure,
    signal,
    wrapTransport,
    headers: conditionsOf(before),
  })
  try {
    const { response } = opened
    if (response.status === 304 && before !== undefined) {
      const now = new Date()
      if (!keepsNothing)
        for (const each of [path, `${path}.json`]) await utimes(each, now, now).catch(() => {})
      return contentOf(before, path, { url, file: opened.url, insecure })
    }
    if (!response.ok) {
      await discardBody(response)
      throw new HyperkitError(
        response.status === 404 ? 'not-found' : 'unexpected-answer',
        `Cannot download ${JSON.stringify(publicUrl(url))}: the web server answered ${response.status}`,
      )
    }
    if (keepsNothing) {
      const { fingerprint, size } = await receiveBody(opened, undefined, { signal, maxSize })
      return { fingerprint, size, origin: { kind: 'url', url, file: opened.url, insecure } }
    }
    const file = await downloadFile(opened, path, { signal, maxSize })
    const { headers } = response
    const entry: CacheEntry = {
      ...file,
      etag: headers.get('etag'),
      lastModified: headers.get('last-modified'),
    }
    await replaceFile(`${path}.json`, JSON.stringify(entry), { mode: 0o600 })
    return contentOf(entry, path, { url, file: opened.url, insecure })
  } finally {
    opened.close()
  }
}

function contentOf(
  { fingerprint, size }: CacheEntry,
  path: string,
  urls: { url: string; file: string; insecure: boolean },
): Content {
  return { fingerprint, size, origin: { kind: 'url', ...urls, path } }
}

async function readCacheEntry(path: string): Promise<CacheEntry | undefined> {
  try {
    const read = v.safeParse(cacheEntrySchema, JSON.parse(await readFile(`${path}.json`, 'utf8')))
    if (!read.success || (await stat(path)).size !== read.output.size) return undefined
    return read.output
  } catch {
    return undefined
  }
}

function conditionsOf(entry: CacheEntry | undefined): Record<string, string> {
  if (entry === undefined) return {}
  const { etag, lastModified } = entry
  return {
    ...(etag === null ? {} : { 'if-none-match': etag }),
    ...(lastModified === null ? {} : { 'if-modified-since': lastModified }),
  }
}
