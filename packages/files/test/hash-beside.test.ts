import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { hashBeside } from '../src/save/hash-beside.ts'
import { hash, temporaryDirectory } from './image-files-on-disk.ts'

const parent = temporaryDirectory()

describe('hashBeside', () => {
  const emptyFile = (): string => {
    const path = join(mkdtempSync(join(parent, 'beside-')), 'file')
    writeFileSync(path, '')
    return path
  }

  test('hashBeside hashes a file that grows, up to the number of bytes that is announced', async () => {
    const path = emptyFile()
    const beside = hashBeside(path)
    const pieces = [1, 1_000_000, 300_000].map((size, index) => Buffer.alloc(size, index + 1))
    let position = 0
    for (const piece of pieces) {
      appendFileSync(path, piece)
      position += piece.byteLength
      beside.take([piece])
      beside.stored(position)
    }
    appendFileSync(path, 'not announced')
    expect(await beside.digest()).toBe(hash(...pieces))
  })

  test('hashBeside hashes the bytes on the disk, even if others were received', async () => {
    const path = emptyFile()
    const beside = hashBeside(path)
    beside.take([Buffer.from('what came')])
    writeFileSync(path, 'what is there')
    beside.stored(13)
    expect(await beside.digest()).toBe(hash(Buffer.from('what is there')))
  })

  test('hashBeside continues with a file that is deleted meanwhile', async () => {
    const path = emptyFile()
    const beside = hashBeside(path)
    writeFileSync(path, 'content')
    beside.stored(7)
    await vi.waitFor(() => expect(openFiles()).toContain(path))
    rmSync(path)
    expect(await beside.digest()).toBe(hash(Buffer.from('content')))
  })

  test('hashBeside reports why a file cannot be read', async () => {
    const gone = emptyFile()
    rmSync(gone)
    const beside = hashBeside(gone)
    beside.stored(4)
    await expect(beside.digest()).rejects.toMatchObject({ code: 'file-unreadable' })
  })

  test('hashBeside hashes the rest of a file that was truncated', async () => {
    const path = emptyFile()
    writeFileSync(path, 'whole')
    truncateSync(path, 3)
    const beside = hashBeside(path)
    beside.stored(5)
    expect(await beside.digest()).toBe(hash(Buffer.from('who')))
  })

  test('a hash that hashBeside began need not be waited for', () => {
    const beside = hashBeside(emptyFile())
    beside.end()
  })
})

/** Paths of the files that this process has open. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').map((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`)
    } catch {
      return 'closed meanwhile'
    }
  })
}
