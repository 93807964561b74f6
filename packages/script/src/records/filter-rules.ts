import { type ServerInfo, supports } from '@hyperkit/core'

/** How the server's own client reads filters, so that `hyperkit list` finds the same images. */
export interface FilterRules {
  /** Fields for which a property of the same name is compared too. */
  fieldsOrProperties: 'all' | readonly string[]
  /** Whether the server compares the values of properties: it ignores case, and `a,b` matches either value. */
  serverCompares: boolean
  /** Which parts of a property's name such as `user.kind` may be shortened: every part, or only the first one. */
  shortens: 'every-part' | 'first-part'
}

/** Clients read the whole list of a simplestreams server and filter it themselves. */
const ofStreams: FilterRules = { fieldsOrProperties: 'all', serverCompares: false, shortens: 'every-part' }

/**
 * Returns how the server's own client reads filters, for {@link filterImages}.
 *
 * @param server undefined for a simplestreams server
 *
 * @see {@link filterImages}
 */
export function filterRulesOf(server: ServerInfo | undefined): FilterRules {
  if (server === undefined) return ofStreams
  const isIncus = server.dialect.kind === 'incus'
  // With `incus` 6.0.5, 6.12 and newer the server compares properties; this extension is one version younger.
  const serverCompares = isIncus && supports(server, 'instance_publish_split') !== false
  // On Incus 7.0.2, `architecture=amd64` finds an image by its property although its field is `x86_64`; no other field does this.
  const isNewest = isIncus && supports(server, 'image_locations') !== false
  return {
    fieldsOrProperties: isNewest ? ['architecture'] : [],
    serverCompares,
    shortens: isNewest ? 'first-part' : 'every-part',
  }
}
