import { checkProperties } from '../arguments/image-attributes.ts'
import type { ImageChanges } from '../images/update-image.ts'
import { isLockAlias } from '../locks/deletion-lock.ts'
import type { Image } from '../model/image.ts'
import type { CopyImageOptions } from './copy-options.ts'
import type { SourceImage } from './copy-source.ts'

/** The attributes of a copy: those of the source, overridden by those in the options. */
export interface KeptAttributes {
  public: boolean
  /** Only what the options name, for an image that the target has already. */
  named: Pick<ImageChanges, 'public' | 'autoUpdate' | 'profiles'>
  properties: Record<string, string>
  /** Whether the copy keeps what the server has given it beside these. */
  addsProperties: boolean
  /** Properties that are removed. */
  without: readonly string[]
  expiresAt: Date | undefined
  aliases: { name: string; description?: string | undefined }[]
  reuseAliases: boolean
}

/** @param mayBePublic whether the target allows a public copy; the caller refuses a `public: true` that it does not */
export function keptAttributes(
  image: SourceImage,
  options: CopyImageOptions,
  mayBePublic: boolean,
): KeptAttributes {
  const given = Object.entries(checkProperties(options.properties ?? {}))
  const without = given.filter(([, value]) => value === '').map(([key]) => key)
  const properties = Object.fromEntries(
    [...Object.entries(image.properties ?? {}), ...given].filter(([key]) => !without.includes(key)),
  )
  return {
    public: options.public ?? (image.public && mayBePublic),
    named: { public: options.public, autoUpdate: options.autoUpdate, profiles: options.profiles },
    properties,
    addsProperties: image.properties === undefined,
    without,
    expiresAt: options.expiresAt ?? image.expiresAt,
    aliases: joinAliases(options.copyAliases ? namesOf(image) : [], options.aliases ?? []),
    reuseAliases: options.reuseAliases ?? false,
  }
}

/** Without the locks of runs that work with the image. */
function namesOf({ aliases }: Pick<Image, 'aliases'>): Image['aliases'] {
  return aliases.filter(({ name }) => !isLockAlias(name))
}

/** A given alias overrides the source's alias of the same name. */
function joinAliases(
  copied: readonly { name: string; description: string }[],
  given: NonNullable<CopyImageOptions['aliases']>,
): KeptAttributes['aliases'] {
  const byName = new Map<string, KeptAttributes['aliases'][number]>()
  for (const alias of [...copied, ...given]) {
    const one = typeof alias === 'string' ? { name: alias } : alias
    byName.set(one.name, { ...byName.get(one.name), ...one })
  }
  return [...byName.values()]
}

/**
 * The changes that the target needs; undefined if none.
 *
 * @param fresh whether the copy was just made, and so has exactly the source's properties
 */
export function changesOf(now: Image, wanted: KeptAttributes, fresh: boolean): ImageChanges | undefined {
  const properties = { ...(fresh && !wanted.addsProperties ? {} : now.properties), ...wanted.properties }
  for (const key of wanted.without) delete properties[key]
  const changes: ImageChanges = {
    ...differing(now.public, fresh ? wanted.public : wanted.named.public, 'public'),
    ...differing(now.autoUpdate, wanted.named.autoUpdate, 'autoUpdate'),
    ...differing(sorted(now.profiles), wanted.named.profiles && sorted(wanted.named.profiles), 'profiles'),
    ...differing(now.expiresAt?.getTime(), wanted.expiresAt?.getTime(), 'expiresAt', wanted.expiresAt),
    ...(sameTexts(now.properties, properties) ? {} : { properties }),
  }
  return Object.keys(changes).length === 0 ? undefined : changes
}

function differing<Value>(
  now: Value,
  wanted: Value | undefined,
  name: keyof ImageChanges,
  change: unknown = wanted,
): ImageChanges {
  return wanted === undefined || JSON.stringify(now) === JSON.stringify(wanted) ? {} : { [name]: change }
}

function sorted(names: readonly string[]): string[] {
  return [...names].sort()
}

function sameTexts(a: Record<string, string>, b: Record<string, string>): boolean {
  return JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort())
}
