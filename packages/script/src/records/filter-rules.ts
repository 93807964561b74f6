import { type ServerInfo, supports } from '@hyperkit/core'

/** How the field's own client of a server reads filters: what `hyperkit list` finds there is what that client finds. */
export interface FilterRules {
  /** Fields whose name also means the property of that name. */
  fieldsOrProperties: 'all' | readonly string[]
  /** Whether the values of properties are compared by the server: whatever the case, and `a,b` is one of both. */
  serverCompares: boolean
  /** What may be shortened of a property's name: each part of `user.kind`, so that all that fit are looked at, or the first part. */
  shortens: 'every-part' | 'first-part'
}

/** Clients get a whole list of a simplestreams server, and filter it themselves. */
const ofStreams: FilterRules = { fieldsOrProperties: 'all', serverCompares: false, shortens: 'every-part' }

/**
 * How the server's own client reads filters, for {@link filterImages}.
 *
 * @param server undefined for a simplestreams server
 *
 * @see {@link filterImages}
 */
export function filterRulesOf(server: ServerInfo | undefined): FilterRules {
  if (server === undefined) return ofStreams
  const isIncus = server.dialect.kind === 'incus'
  // `incus` 6.0.5, 6.12 and later have the server compare properties, too; this extension is one version younger.
  const serverCompares = isIncus && supports(server, 'instance_publish_split') !== false
  // Incus 7.0.2 finds `amd64` in the property of an image whose field is `x86_64`; no other field behaves so.
  const isNewest = isIncus && supports(server, 'image_locations') !== false
  return {
    fieldsOrProperties: isNewest ? ['architecture'] : [],
    serverCompares,
    shortens: isNewest ? 'first-part' : 'every-part',
  }
}
