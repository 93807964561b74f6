import { execFile, spawn } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import { checkPlace, readReplaced, replaceFile } from '../src/parts.ts'
import { temporaryDirectory } from './image-files-on-disk.ts'

const parent = temporaryDirectory()
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(parent, 'write-'))
})
const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8)

async function makeFifo(): Promise<string> {
  const path = join(folder, 'fifo')
  await promisify(execFile)('mkfifo', [path])
  return path
}

describe('a file', () => {
  test('is replaced whole, keeps its permissions, and leaves nothing beside it', async () => {
    const path = join(folder, 'file')
    writeFileSync(path, 'old')
    chmodSync(path, 0o640)
    await replaceFile(path, 'new')
    expect([readFileSync(path, 'utf8'), modeOf(path), readdirSync(folder)]).toEqual(['new', '640', ['file']])
    await replaceFile(path, 'private', { mode: 0o600 })
    expect([readFileSync(path, 'utf8'), modeOf(path)]).toEqual(['private', '600'])
  })

  test('stays unchanged if its new content cannot be made', async () => {
    const path = join(folder, 'file')
    writeFileSync(path, 'old')
    const failing = replaceFile(path, async () => {
      throw new Error('no content today')
    })
    await expect(failing).rejects.toThrow('no content today')
    expect([readFileSync(path, 'utf8'), readdirSync(folder)]).toEqual(['old', ['file']])
  })

  test('is refused if it exists and "force" is false, also behind a link', async () => {
    writeFileSync(join(folder, 'file'), 'old')
    symlinkSync('file', join(folder, 'link'))
    for (const name of ['file', 'link'])
      await expect(replaceFile(join(folder, name), 'new', { force: false })).rejects.toMatchObject({
        code: 'file-unwritable',
        message: `Cannot write "${join(folder, name)}": it exists already`,
        cause: { code: 'EEXIST' },
      })
    await replaceFile(join(folder, 'other'), 'new', { force: false })
    expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('new')
  })
})

describe('a symbolic link', () => {
  test('stays, and the file that it leads to is replaced, over any number of links and directories', async () => {
    mkdirSync(join(folder, 'real/deep'), { recursive: true })
    symlinkSync('real/deep', join(folder, 'directory'))
    writeFileSync(join(folder, 'real/file'), 'old')
    // Relative to real/deep, not to the name under which that is reached.
    symlinkSync('../file', join(folder, 'real/deep/second'))
    symlinkSync('directory/second', join(folder, 'first'))
    await replaceFile(join(folder, 'first'), 'new')
    expect(readFileSync(join(folder, 'real/file'), 'utf8')).toBe('new')
    expect(readlinkSync(join(folder, 'first'))).toBe('directory/second')
    expect(readlinkSync(join(folder, 'real/deep/second'))).toBe('../file')
  })

  test('that leads to nothing gets the file where it points', async () => {
    symlinkSync('absent', join(folder, 'link'))
    expect(await readReplaced(join(folder, 'link'))).toBeUndefined()
    await replaceFile(join(folder, 'link'), 'new')
    expect(readdirSync(folder).sort()).toEqual(['absent', 'link'])
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true)
  })

  test('that leads to itself, to a missing directory or to a directory is refused by name', async () => {
    symlinkSync('loop', join(folder, 'loop'))
    symlinkSync('absent/file', join(folder, 'nowhere'))
    symlinkSync('.', join(folder, 'directory'))
    const cases = {
      loop: 'its symbolic links form a loop',
      nowhere: 'there is no such directory',
      directory: 'it is a directory',
    }
    for (const [name, why] of Object.entries(cases)) {
      const path = join(folder, name)
      await expect(replaceFile(path, 'x')).rejects.toThrow(`Cannot write "${path}": ${why}`)
      await expect(checkPlace(path)).rejects.toThrow(`Cannot write "${path}": ${why}`)
    }
  })
})

describe('what is no file', () => {
  test('a device is written to, also through a link, and stays a device', async () => {
    symlinkSync('/dev/null', join(folder, 'null'))
    await replaceFile(join(folder, 'null'), 'x')
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
    expect(lstatSync(join(folder, 'null')).isSymbolicLink()).toBe(true)
    await expect(replaceFile('/dev/full', 'x')).rejects.toThrow('Cannot write "/dev/full": the disk is full')
  })

  test('a FIFO gets all of the text, once somebody reads it', async () => {
    const path = await makeFifo()
    // Larger than what a FIFO keeps.
    const content = 'x'.repeat(300_000)
    const writing = replaceFile(path, content)
    const reader = spawn('cat', [path])
    expect(await text(reader.stdout)).toBe(content)
    await writing
    expect(lstatSync(path).isFIFO()).toBe(true)
    expect(await readReplaced(path)).toBeUndefined()
  })

  test('a FIFO that nobody reads is given up when the caller aborts', async () => {
    const controller = new AbortController()
    const writing = replaceFile(await makeFifo(), 'x', { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(writing).rejects.toThrow('enough')
  })

  test('a link to a descriptor is written to: the file behind it is not replaced under its other writers', async (context) => {
    if (process.platform !== 'linux') return context.skip('only Linux names descriptors in /proc')
    const path = join(folder, 'log')
    const log = openSync(path, 'a')
    try {
      symlinkSync(`/proc/${process.pid}/fd/${log}`, join(folder, 'link'))
      const before = statSync(path).ino
      writeFileSync(path, 'first\n')
      await replaceFile(join(folder, 'link'), 'second\n')
      expect([readFileSync(path, 'utf8'), statSync(path).ino]).toEqual(['first\nsecond\n', before])
    } finally {
      closeSync(log)
    }
  })
})
