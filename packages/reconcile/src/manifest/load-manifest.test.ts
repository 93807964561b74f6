import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadManifest } from './load-manifest.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-load-manifest-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const text = 'version: 1\nname: n\nservers: { it: { remote: it } }\nimages: []\n'
const write = (bytes: Uint8Array): string => {
  const path = join(folder, 'images.yaml')
  writeFileSync(path, bytes)
  return path
}

test.each([
  ['a binary file', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0xff]), 'the file is not text'],
  ['UTF-16', Buffer.from(`\ufeff${text}`, 'utf16le'), 'the file is UTF-16; save it as UTF-8'],
  ['Latin-1', Buffer.from(`# Größe\n${text}`, 'latin1'), 'the file is not valid UTF-8; save it as UTF-8'],
])('loadManifest refuses %s and names the reason', async (_, bytes, why) => {
  const path = write(bytes)
  await expect(loadManifest(path)).rejects.toThrow(`Cannot read manifest "${path}": ${why}`)
})

test('loadManifest accepts a byte order mark and Windows line endings', async () => {
  const path = write(Buffer.from(`\ufeff${text.replaceAll('\n', '\r\n')}`))
  expect((await loadManifest(path)).name).toBe('n')
})
