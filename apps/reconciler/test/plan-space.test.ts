import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSplitImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { runCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-plan-space-'))
let server: OpenServer
beforeAll(async () => {
  server = await openEmbedded(cwd, { dialect: 'incus' })
  const entries = ['a', 'b'].map((name) => {
    makeSplitImage({ metadata: join(cwd, `${name}.meta`), rootfs: join(cwd, `${name}.root`) }, name)
    return `  - { name: ${name}, source: { metadata: ${name}.meta, rootfs: ${name}.root } }\n`
  })
  const head = `version: 1\nname: space\nservers: { it: ${server.yaml} }\n`
  writeFileSync(join(cwd, 'images.yaml'), `${head}images:\n${entries.join('')}`)
})
afterAll(async () => {
  await server?.close()
  rmSync(cwd, { recursive: true, force: true })
})

/** The bytes that the images need while they come, and those that they need when they are there. */
async function planned(...flags: string[]): Promise<{ needed: number; stored: number }> {
  const { code, stdout, stderr } = await runCommand(['plan', '--json', ...flags], { cwd })
  expect([code, stderr]).toEqual([0, expect.any(String)])
  const [it] = JSON.parse(stdout).servers
  const uploads = it.changes.filter(({ action }: { action: string }) => action === 'upload-image')
  expect(uploads).toHaveLength(2)
  const stored = uploads.reduce((sum: number, { bytes }: { bytes: number }) => sum + bytes, 0)
  return { needed: it.space.bytesNeeded, stored }
}

test('a plan counts the space for as many images at once as the apply that follows brings', async () => {
  const together = await planned()
  const apart = await planned('--images-per-server', '1')
  // The request of a split image is stored beside its files until it is read.
  expect(together.needed).toBe(2 * together.stored)
  expect(apart.needed).toBeLessThan(together.needed)
})
