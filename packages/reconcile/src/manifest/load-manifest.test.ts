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
  ['an image', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0xff]), 'it is no text'],
  ['UTF-16', Buffer.from(`\ufeff${text}`, 'utf16le'), 'it is UTF-16; save it as UTF-8'],
  ['Latin-1', Buffer.from(`# Größe\n${text}`, 'latin1'), 'it is no UTF-8 text; save it as UTF-8'],
])('%s is refused as what it is', async (_, bytes, why) => {
  const path = write(bytes)
  await expect(loadManifest(path)).rejects.toThrow(`Cannot read manifest "${path}": ${why}`)
})

test('a byte order mark and the line ends of Windows are read over', async () => {
  const path = write(Buffer.from(`\ufeff${text.replaceAll('\n', '\r\n')}`))
  expect((await loadManifest(path)).name).toBe('n')
})
