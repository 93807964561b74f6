import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { loadManifest, planManifest, readHistory } from '@hyperkit/reconcile'
import { afterAll, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { openEmbedded } from './open-server.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-many-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

test.each([
  ['plan', planManifest],
  ['history', readHistory],
] as const)(
  'the %s of many servers with one signal causes no warning of a memory leak',
  async (_what, run) => {
    const server = await openEmbedded(cwd, { dialect: 'incus' })
    const warnings: string[] = []
    const warn = ({ name }: Error): void => void warnings.push(name)
    process.on('warning', warn)
    try {
      const file = join(cwd, 'a.tar.gz')
      makeImage(file, randomUUID())
      const names = Array.from({ length: 17 }, (_, index) => `s${index}`)
      const path = join(cwd, 'images.yaml')
      writeFileSync(
        path,
        `version: 1\nname: many\nservers:\n${names.map((name) => `  ${name}: ${server.yaml}`).join('\n')}\n` +
          `images: [{ name: many, source: { file: ${file} } }]\n`,
      )
      const { signal } = new AbortController()
      await run(await loadManifest(path), { signal, parallelism: 17 })
      expect(warnings).not.toContain('MaxListenersExceededWarning')
    } finally {
      process.off('warning', warn)
      await server.close()
    }
  },
)
