import type { InventoryImage } from '../observed/inventory.ts'
import { readMark } from '../ownership/alias-mark.ts'
import { isMark } from '../ownership/owner-property.ts'

type WrittenAlias = string | { name: string; description: string }

/** The attributes of an image on a server as a manifest writes them, without those that every new image has. */
export interface WrittenAttributes {
  aliases?: WrittenAlias[]
  public?: boolean
  properties?: Record<string, string>
  expiresAt?: string
  autoUpdate?: boolean
  profiles?: string[]
  filename?: string
}

export interface DescribeOptions {
  /** The image's name in the manifest, which is its first alias. */
  name: string
  /** Whether to describe properties; not if they come from the source. */
  withProperties: boolean
  /** Whether the source is a file, which has no updates and does not keep the server's file name. */
  fromFile: boolean
  /** Whether the source always names the same image, so that updates would never come. */
  isPinned: boolean
}

/** The attributes of a new image. */
const defaults = { aliases: [], public: false, expiresAt: 'never', autoUpdate: false, profiles: ['default'] }

export function describeAttributes(
  image: InventoryImage,
  { name, withProperties, fromFile, isPinned }: DescribeOptions,
): WrittenAttributes {
  const aliases = describeAliases(image, name)
  const properties = sorted(
    Object.entries(image.properties).filter(
      ([key, value]) => value !== '' && !isMark(key) && canExpress(key, value),
    ),
  )
  const profiles = [...image.profiles].sort()
  return {
    ...(aliases.length === 0 ? {} : { aliases }),
    ...(image.public ? { public: true } : {}),
    ...(withProperties && properties.length > 0 ? { properties: Object.fromEntries(properties) } : {}),
    ...(image.expiresAt === undefined ? {} : { expiresAt: writeTime(image.expiresAt) }),
    ...(image.autoUpdate && !fromFile && !isPinned ? { autoUpdate: true } : {}),
    ...(JSON.stringify(profiles) === JSON.stringify(defaults.profiles) ? {} : { profiles }),
    ...(fromFile && isFileName(image.filename) ? { filename: image.filename } : {}),
  }
}

/** How a server differs from the entry of an image; undefined if it does not. */
export function describeOverride(
  here: WrittenAttributes,
  there: WrittenAttributes,
): Record<string, unknown> | undefined {
  const { properties: _, filename: __, ...rest } = { ...defaults, ...here }
  const { properties: ___, filename: ____, ...base } = { ...defaults, ...there }
  const fields = Object.entries(rest).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(base[key as keyof typeof base]),
  )
  const [own = {}, common = {}] = [here.properties, there.properties]
  const properties = sorted(
    [...new Set([...Object.keys(own), ...Object.keys(common)])]
      .filter((key) => own[key] !== common[key])
      .map((key) => [key, own[key] ?? '']),
  )
  const override = {
    ...Object.fromEntries(fields),
    ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
  }
  return Object.keys(override).length === 0 ? undefined : override
}

/** The properties that a manifest cannot express. */
export function findInexpressible(image: InventoryImage): string[] {
  return Object.entries(image.properties).flatMap(([key, value]) =>
    isMark(key) || value === '' || canExpress(key, value) ? [] : [key],
  )
}

/** A key such as `__proto__` would be lost in a JavaScript object. */
function canExpress(key: string, value: string): boolean {
  return (
    key !== '' &&
    !key.includes('\0') &&
    !value.includes('\0') &&
    !['__proto__', 'prototype', 'constructor'].includes(key)
  )
}

function describeAliases({ aliases }: InventoryImage, own: string): WrittenAlias[] {
  return aliases.flatMap(({ name, description }): WrittenAlias[] => {
    const { text } = readMark(description)
    if (text !== '') return [{ name, description: text }]
    return name === own ? [] : [name]
  })
}

function writeTime(time: Date): string {
  return time
    .toISOString()
    .replace(/T00:00:00\.000Z$/, '')
    .replace(/\.000Z$/, 'Z')
}

function isFileName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return !/^$|^\.\.?$|[/\\\u0000-\u001f\u007f]/.test(name)
}

function sorted<Value>(entries: [string, Value][]): [string, Value][] {
  return entries.sort(([a], [b]) => (a < b ? -1 : 1))
}
