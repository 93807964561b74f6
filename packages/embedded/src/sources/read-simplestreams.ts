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
  /** Type of a combined tarball; '' if it is missing. */
  combinedType: string
}

/** One version of one product. */
export interface StreamVersion {
  aliases: string[]
  architecture: string
  version: string
  /** End of support, RFC 3339; `undefined` if the product has none. */
  expiresAt: string | undefined
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
    for (const product of Object.values(objectOf(products)))
      versions.push(...versionsOf(dialect, objectOf(product)))
  }
  return versions.sort((a, b) => (a.version < b.version ? 1 : -1))
}

function versionsOf(dialect: Dialect, product: Record<string, unknown>): StreamVersion[] {
  const text = (key: string): string => (typeof product[key] === 'string' ? product[key] : '')
  const aliases = text('aliases').split(',').filter(Boolean)
  const expiry = /^\d{4}-\d\d-\d\d$/.test(text('support_eol'))
    ? `${text('support_eol')}T00:00:00Z`
    : undefined
  return Object.entries(objectOf(product.versions)).map(([serial, value]) => {
    const version = objectOf(value)
    const label = typeof version.label === 'string' ? version.label : ''
    const properties = {
      os: text('os'),
      release: text('release'),
      version: text('version'),
      architecture: text('arch'),
      label,
      serial,
      description: describe(dialect, product, label, serial),
      variant: text('variant'),
      ...requirementsOf(product),
    }
    return {
      aliases,
      architecture: text('arch'),
      version: serial,
      expiresAt: expiry,
      properties: Object.fromEntries(Object.entries(properties).filter(([, property]) => property !== '')),
      items: Object.values(objectOf(version.items)).map((item) => itemOf(objectOf(item))),
    }
  })
}

function describe(
  { streamDescription }: Dialect,
  product: Record<string, unknown>,
  label: string,
  serial: string,
): string {
  const { os = '', release_title: release = '', arch = '', variant = '' } = product
  if (streamDescription === 'release-variant') return `${os} ${release} (${variant || 'default'})`
  const shown = streamDescription === 'variant' && variant !== '' && variant !== 'default'
  const notes = [shown ? String(variant) : '', label, serial].filter((note) => note !== '')
  return [os, release, arch, ...notes.map((note) => `(${note})`)].join(' ')
}

function requirementsOf({ requirements }: Record<string, unknown>): Record<string, string> {
  const given = Object.entries(objectOf(requirements))
  return Object.fromEntries(given.map(([key, value]) => [`requirements.${key}`, String(value)]))
}

function itemOf(item: Record<string, unknown>): StreamItem {
  const combined = Object.entries(item).filter(
    ([key]) => key.startsWith('combined_') && key !== 'combined_type',
  )
  return {
    ftype: String(item.ftype),
    path: String(item.path),
    sha256: String(item.sha256),
    size: Number(item.size ?? 0),
    combinedType: String(item.combined_type ?? ''),
    combined: Object.fromEntries(combined.map(([key, value]) => [key, String(value)])),
  }
}

async function readJson(
  dialect: Dialect,
  url: string,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const answer = await requestRemote(url, { signal }).catch((error) => {
    throw describeFailure(error, 'GET', url, dialect)
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
