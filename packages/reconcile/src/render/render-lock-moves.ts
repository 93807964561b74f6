import type { Paint } from '@hyperkit/terminal/text'
import { formatBytes, largest } from '@hyperkit/terminal/text'
import type { LockMove } from '../desired/lock/update-lockfile.ts'
import type { LockedContent, UpdateDocument } from '../documents/lock-file.ts'
import { countThings } from './count-things.ts'
import { shorten, showName } from './describe-change.ts'

/** The changes that an update made to the lock file, one line for each image, and the number of unchanged images. */
export function renderLockMoves(moves: readonly LockMove[], unchanged: number, paint: Paint): string {
  const width = largest(moves.map(({ name }) => showName(name).length))
  const lines = moves.map((move) => {
    const name = showName(move.name).padEnd(width)
    const { before, after } = move
    if (before === undefined) return paint('add', `+ ${name}  ${stateOf(after)}`)
    if (after === undefined) return paint('remove', `- ${name}  ${stateOf(before)}`)
    const [was, is] = [stateOf(before), stateOf(after)]
    const what =
      was === is
        ? `${was}, from ${after.source.kind} ${JSON.stringify(after.source.from)}`
        : `${was} -> ${is}`
    return paint('change', `~ ${name}  ${what}`)
  })
  const count = (matches: (move: LockMove) => boolean): number => moves.filter(matches).length
  const added = count(({ before }) => before === undefined)
  const removed = count(({ after }) => after === undefined)
  const sums = [
    `${countThings(moves.length - added - removed, 'image')} changed`,
    `${added} added`,
    `${removed} removed`,
    `${unchanged} unchanged`,
  ]
  return `${[...lines, `${sums.join(', ')}.`].join('\n')}\n`
}

/** The changes as one stable, versioned document. */
export function describeLockMoves(file: string, moves: readonly LockMove[]): UpdateDocument {
  return {
    format: 'hyperkit-update',
    version: 1,
    file,
    moves: moves.map(({ name, before = null, after = null }) => ({ image: name, before, after })),
  }
}

function stateOf(lock: LockMove['after']): string {
  if (lock === undefined) return ''
  const { elsewhere = [] } = lock
  const others = elsewhere.map((each) => `; ${contentOf(each)} for ${each.servers.join(', ')}`)
  return `${contentOf(lock)}${others.join('')}`
}

function contentOf({ fingerprint, size, serial }: LockedContent): string {
  const version = serial === undefined ? '' : ` (${showName(serial)})`
  return `${shorten(fingerprint)}${version}${size === undefined ? '' : `, ${formatBytes(size)}`}`
}
