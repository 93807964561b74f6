import { decodeFields } from '../json/decode-fields.ts'
import { zeroTime } from '../json/timestamp.ts'

/** `source` of a creation request; absent fields are empty. */
export interface CreationSource {
  type: string
  mode: string
  server: string
  protocol: string
  alias: string
  fingerprint: string
  certificate: string
  secret: string
  imageType: string
  project: string
  url: string
  name: string
}

export interface NewAlias {
  name: string
  description: string
}

/** A creation request as JSON. */
export interface Creation {
  public: boolean
  autoUpdate: boolean
  filename: string
  properties: Record<string, string> | undefined
  /** {@link zeroTime} means none. */
  expiresAt: string
  aliases: NewAlias[] | undefined
  profiles: string[] | undefined
  compression: string
  /** `unified` or `split`. */
  format: string
  source: CreationSource | undefined
}

/** @throws {Failure} 400 */
export function decodeCreation(value: unknown): Creation {
  const fields = decodeFields(value, 'ImagesPost', {
    public: 'bool',
    auto_update: 'bool',
    filename: 'string',
    properties: 'map[string]string',
    expires_at: 'time',
    aliases: '[]object',
    profiles: '[]string',
    compression_algorithm: 'string',
    format: 'string',
    source: 'object',
  })
  return {
    public: fields.public ?? false,
    autoUpdate: fields.auto_update ?? false,
    filename: fields.filename ?? '',
    properties: fields.properties ?? undefined,
    expiresAt: fields.expires_at ?? zeroTime,
    aliases: fields.aliases?.map(decodeAlias),
    profiles: fields.profiles ?? undefined,
    compression: fields.compression_algorithm ?? '',
    format: fields.format ?? '',
    source: fields.source ? decodeSource(fields.source) : undefined,
  }
}

function decodeAlias(value: unknown): NewAlias {
  const fields = decodeFields(value, 'ImageAlias', { name: 'string', description: 'string' })
  return { name: fields.name ?? '', description: fields.description ?? '' }
}

function decodeSource(value: unknown): CreationSource {
  const fields = decodeFields(value, 'ImagesPostSource.source', {
    type: 'string',
    mode: 'string',
    server: 'string',
    protocol: 'string',
    alias: 'string',
    fingerprint: 'string',
    certificate: 'string',
    secret: 'string',
    image_type: 'string',
    project: 'string',
    url: 'string',
    name: 'string',
  })
  return {
    type: fields.type ?? '',
    mode: fields.mode ?? '',
    server: fields.server ?? '',
    protocol: fields.protocol ?? '',
    alias: fields.alias ?? '',
    fingerprint: fields.fingerprint ?? '',
    certificate: fields.certificate ?? '',
    secret: fields.secret ?? '',
    imageType: fields.image_type ?? '',
    project: fields.project ?? '',
    url: fields.url ?? '',
    name: fields.name ?? '',
  }
}
