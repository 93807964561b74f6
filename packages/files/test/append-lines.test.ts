import { execFileSync } from 'node:child_process'
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAppended } from '@hyperkit/files/parts'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'hk-append-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)

test('lines are appended to a new private file, and to another one after the first was renamed', async () => {
  const file = await openAppended(at('audit'))
  expect(statSync(at('audit')).mode & 0o777).toBe(0o600)
  await file.append('one\n')
  const other = await openAppended(at('audit'))
  await other.append('two\n')
  await file.append('three\n')
  renameSync(at('audit'), at('audit.1'))
  await file.append('four\n')
  await file.close()
  expect(readFileSync(at('audit.1'), 'utf8')).toBe('one\ntwo\nthree\n')
  expect(readFileSync(at('audit'), 'utf8')).toBe('four\n')
})

test('a line does not continue the half line that a full disk has left, and a symbolic link stays', async () => {
  writeFileSync(at('target'), 'whole\n{"half', { mode: 0o640 })
  symlinkSync('target', at('link'))
  const file = await openAppended(at('link'))
  await file.append('next\n')
  expect(readFileSync(at('target'), 'utf8')).toBe('whole\n{"half\nnext\n')
  expect(statSync(at('target')).mode & 0o777).toBe(0o640)
  expect(statSync(at('link')).ino).toBe(statSync(at('target')).ino)
})

test('a line is still written to a device or a FIFO after an abort, which only ends waiting for a reader', async () => {
  execFileSync('mkfifo', [at('read'), at('unread')])
  const options = { signal: AbortSignal.abort(new Error('stopped')) }
  const device = await openAppended('/dev/null', options)
  await device.append('last\n')
  await device.close()
  // Opened for both directions, so that opening it does not wait.
  const reader = openSync(at('read'), 'r+')
  const fifo = await openAppended(at('read'), options)
  await fifo.append('last\n')
  await fifo.close()
  const taken = Buffer.alloc(10)
  expect(taken.toString('utf8', 0, readSync(reader, taken))).toBe('last\n')
  closeSync(reader)
  const alone = await openAppended(at('unread'), options)
  await expect(alone.append('last\n')).rejects.toThrow('stopped')
  await alone.close()
})

test('what cannot be written is reported with what was tried: a directory at once, a full device at the first line', async () => {
  const action = 'audit to'
  await expect(openAppended(folder, { action })).rejects.toMatchObject({
    code: 'file-unwritable',
    message: `Cannot audit to ${JSON.stringify(folder)}: it is a directory`,
  })
  await expect(openAppended(at('none/audit'), { action })).rejects.toThrow('there is no such directory')
  const full = await openAppended('/dev/full', { action })
  await expect(full.append('x\n')).rejects.toThrow('Cannot audit to "/dev/full": the disk is full')
  await full.close()
})
