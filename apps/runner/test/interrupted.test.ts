import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { makeImage } from '@hyperkit/conformance'
import type { Operation } from '@hyperkit/core'
import { describe, expect, test } from 'vitest'
import { makeProject } from './make-project.ts'
import { describeReal, writeRemotes } from './open-remotes.ts'
import { startHyperkit } from './start-command.ts'

describe.each(['lxd', 'incus'] as const)('on a real %s', (dialect) => {
  test('an import that is interrupted during the upload leaves nothing on the server', async (context) => {
    const described = describeReal(dialect)
    if (described === undefined) return context.skip(`no ${dialect} is running: give HYPERKIT_SERVERS`)
    const cwd = mkdtempSync(join(tmpdir(), 'hk-interrupted-'))
    try {
      const remotes = writeRemotes(cwd, { main: described })
      const client = await remotes.client('main')
      // Other tests have running operations on the same server.
      const project = `r${randomUUID().slice(0, 8)}`
      const made = await makeProject(client, project)
      const { images, operations } = client.project(project)
      const image = await makeImage({ directory: cwd, name: 'big', size: 96 * 2 ** 20, compression: 'none' })
      const { child, ended, shows } = await startHyperkit(['import', image.path, '--project', project], {
        cwd,
        environment: remotes.environment,
      })
      await shows('Import ')
      // `child.kill` cannot be used: Deno reports no exit code after it.
      process.kill(child.pid ?? 0, 'SIGINT')
      const { code, stdout, stderr } = await ended
      expect([code, stdout]).toEqual([130, ''])
      expect(stderr).toContain('Interrupted by SIGINT')
      await expect.poll(async () => (await operations.list()).filter(isRunning)).toEqual([])
      expect(await images.fingerprints()).toEqual([])
      await made.remove()
    } finally {
      rmSync(cwd, { recursive: true, force: true })
    }
  })
})

function isRunning(operation: Operation): boolean {
  return operation.state === 'running'
}
