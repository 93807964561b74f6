import type { Dialect } from '../dialect/dialect.ts'
import { textOf } from '../remote/connect-remote.ts'
import { describeFailure } from '../remote/describe-failure.ts'
import { requestRemote } from '../remote/request-remote.ts'

export interface StreamItem {
  ftype: string
  path: string
  sha256: string
  size: number
  /** `combined_sha256`, `combined_rootxz_sha256`, `combined_squashfs_sha256`, … */
  combined: Readonly<Record<string, string>>
}

/** One version of one product. */
export interface StreamVersion {
  aliases: string[]
  architecture: string
  version: string
  properties: Record<string, string>
  items: StreamItem[]
}

/** All versions in a simplestreams tree, newest first. */
export async function readSimplestreams(
  dialect: Dialect,
  server: string,
  signal: AbortSignal,
): Promise<StreamVersion[]> {
  const base = server.replace(/\/+$/, '')
  const index = await readJson(dialect, `${base}/streams/v1/index.json`, signal)
  const versions: StreamVersion[] = []
  for (const entry of Object.values(objectOf(index.index))) {
    const { datatype, path } = objectOf(entry)
    if (datatype !== 'image-downloads' || typeof path !== 'string') continue
    const { products } = await readJson(dialect, `${base}/${path}`, signal)
    for (const product of Object.values(objectOf(products))) versions.push(...versionsOf(objectOf(product)))
  }
  return versions.sort((a, b) => (a.version < b.version ? 1 : -1))
}

function versionsOf(product: Record<string, unknown>): StreamVersion[] {
  const aliases = String(product.aliases ?? '')
    .split(',')
    .filter(Boolean)
  const properties: Record<string, string> = {}
  for (const [key, name] of Object.entries({
    os: 'os',
    release: 'release',
    arch: 'architecture',
    variant: 'variant',
  })) {
    if (typeof product[key] === 'string') properties[name] = product[key]
  }
  return Object.entries(objectOf(product.versions)).map(([version, value]) => ({
    aliases,
    architecture: String(product.arch ?? ''),
    version,
    properties: { ...properties, serial: version },
    items: Object.values(objectOf(objectOf(value).items)).map((item) => itemOf(objectOf(item))),
  }))
}

function itemOf(item: Record<string, unknown>): StreamItem {
  const combined = Object.entries(item).filter(([key]) => key.startsWith('combined_'))
  return {
    ftype: String(item.ftype),
    path: String(item.path),
    sha256: String(item.sha256),
    size: Number(item.size ?? 0),
    combined: Object.fromEntries(combined.map(([key, value]) => [key, String(value)])),
  }
}

async function readJson(
  dialect: Dialect,
  url: string,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const answer = await requestRemote(url, { signal }).catch((error) => {
    throw describeFailure(error, 'GET', url, dialect.tlsErrorPrefix)
  })
  const text = await textOf(answer)
  if (answer.statusCode !== 200) {
    throw new Error(`Unable to fetch ${url}: ${answer.statusCode} ${answer.statusMessage ?? ''}`)
  }
  return objectOf(JSON.parse(text))
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
