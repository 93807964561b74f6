import type { Tone } from '@hyperkit/terminal/text'
import { formatBytes } from '@hyperkit/terminal/text'
import type { Change, DownloadImage, FieldChange, PublishImage } from '../documents/plan.ts'
import { isKnown } from '../identity/fingerprint-to-come.ts'
import { readMark } from '../ownership/alias-mark.ts'
import { isMove } from '../plan/summarize-plan.ts'
import { explainPrune } from './explain-prune.ts'

/** A change in words: a title, and each field before and after it. */
export interface DescribedChange {
  sign: '+' | '~' | '-'
  tone: Tone
  /** `upload image ubuntu/noble` */
  title: string
  /** `3f2a91c0d4e5, 12.3 MB` */
  detail: string
  fields: DescribedField[]
}

export interface DescribedField {
  sign: '+' | '~' | '-'
  tone: Tone
  name: string
  /** `"a"`, or `"a" -> "b"` */
  value: string
}

export function describeChange(change: Change): DescribedChange {
  const short = shorten(change.fingerprint)
  const image = showName(change.image)
  switch (change.action) {
    case 'upload-image':
      return add(
        `upload image ${image}`,
        `${short}, ${formatBytes(change.bytes)}`,
        change.fields.map(describeField),
      )
    case 'download-image':
      return add(
        `download image ${image}`,
        `${short}, ${sizeOf(change.bytes)}, from ${originOf(change)}`,
        change.fields.map(describeField),
      )
    case 'copy-image':
      return add(
        `copy image ${image}`,
        `${short}, ${sizeOf(change.bytes)}, from ${showName(change.from.server)}`,
        change.fields.map(describeField),
      )
    case 'publish-image':
      return add(
        `publish image ${image}`,
        `${short}, from ${madeFrom(change)}`,
        change.fields.map(describeField),
      )
    case 'update-image':
      return alter(`update image ${image}`, short, change.fields.map(describeField))
    case 'create-alias':
      return add(
        `create alias ${showName(change.alias)}`,
        `-> ${short}`,
        wordsOf(change.after) === '' ? [] : [describeText('description', null, wordsOf(change.after))],
      )
    case 'update-alias': {
      const { before, after } = change
      const fields =
        wordsOf(before) === wordsOf(after)
          ? []
          : [describeText('description', wordsOf(before), wordsOf(after))]
      const alias = showName(change.alias)
      return isMove(change)
        ? alter(`move alias ${alias}`, `${shorten(before.target)} -> ${short}`, fields)
        : alter(`${fields.length === 0 ? 'mark' : 'describe'} alias ${alias}`, short, fields)
    }
    case 'remove-alias':
      return take(`remove alias ${showName(change.alias)}`, `was ${short}; the image stays`)
    case 'delete-image': {
      const aliases = change.aliases.map((name) => `alias ${showName(name)}`).join(', ')
      return take(
        `delete image ${image}`,
        `${short}, ${formatBytes(change.bytes)}${aliases && `, with ${aliases}`}${change.prune === undefined ? '' : `; ${explainPrune(change.prune)}`}`,
      )
    }
  }
}

function describeField(change: FieldChange): DescribedField {
  if (change.field === 'property')
    return describeText(`property ${showName(change.key)}`, change.before, change.after)
  if (change.field === 'filename') return describeText(change.field, null, change.after)
  if (change.field === 'otherProperties')
    return {
      sign: '-',
      tone: 'remove',
      name: 'other properties',
      value: 'none; those that the source brings are known after apply',
    }
  const show = (value: string | boolean | string[] | null): string =>
    Array.isArray(value) ? showList(value) : value === null ? 'never' : String(value)
  const value = show(change.after)
  if (change.before === null) return { sign: '+', tone: 'add', name: change.field, value }
  return { sign: '~', tone: 'change', name: change.field, value: `${show(change.before)} -> ${value}` }
}

/** `default, web`, or `none` */
export function showList(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map(showName).join(', ')
}

/** A description without the mark of its owner, which readers of the plan know anyway. */
function wordsOf({ description }: { description: string }): string {
  return readMark(description).text
}

function describeText(name: string, before: string | null, after: string | null): DescribedField {
  const quote = (text: string | null): string => (text === null ? 'none' : JSON.stringify(text))
  if (before === null) return { sign: '+', tone: 'add', name, value: quote(after) }
  // Also in words, because the fields of a report have no signs.
  if (after === null) return { sign: '-', tone: 'remove', name, value: `${quote(before)} -> none` }
  return { sign: '~', tone: 'change', name, value: `${quote(before)} -> ${quote(after)}` }
}

/** The name as it is if it is unambiguous, otherwise in quotes: a name may contain spaces, or try to move the cursor. */
export function showName(name: string): string {
  return /^[\p{L}\p{N}\p{M}._/:@+-]+$/u.test(name) ? name : JSON.stringify(name)
}

/** The first 12 digits, as `lxc` and `incus` show them; words for an image that is yet to be made. */
export function shorten(fingerprint: string): string {
  return isKnown(fingerprint) ? fingerprint.slice(0, 12) : '(known after apply)'
}

/** `https://images.example.org (simplestreams) alias alpine/edge` */
export function originOf({ from }: DownloadImage): string {
  if (from.kind === 'url') return showAddress(from.url)
  const named = from.alias === null ? '' : ` alias ${showName(from.alias)}`
  return `${showAddress(from.server)} (${from.protocol})${named}`
}

/** `instance web1`, `snapshot web1/release` */
export function madeFrom({ from: { instance, snapshot } }: PublishImage): string {
  return snapshot === null
    ? `instance ${showName(instance)}`
    : `snapshot ${showName(`${instance}/${snapshot}`)}`
}

/** The address as it is if it is printable ASCII, otherwise in quotes. */
function showAddress(url: string): string {
  return /^[\x21-\x7e]+$/.test(url) ? url : JSON.stringify(url)
}

function sizeOf(bytes: number | null): string {
  return bytes === null ? 'size unknown' : formatBytes(bytes)
}

const described =
  (sign: '+' | '~' | '-', tone: Tone) =>
  (title: string, detail: string, fields: DescribedField[] = []) =>
    ({ sign, tone, title, detail, fields }) satisfies DescribedChange
const add = described('+', 'add')
const alter = described('~', 'change')
const take = described('-', 'remove')
