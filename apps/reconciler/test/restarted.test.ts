import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, describe, expect, test } from 'vitest'
import { prepareInterruptedApply } from './interrupted-apply.ts'
import { openFront } from './open-front.ts'
import { startLikeReal } from './open-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-restarted-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const isNode = !('deno' in process.versions || 'bun' in process.versions)

const targets = (['embedded', 'real'] as const).flatMap((kind) =>
  (['lxd', 'incus'] as const).map((dialect) => [kind, dialect] as const),
)

describe.each(targets)('%s %s dies after every single answer of an apply and comes back', (kind, dialect) => {
  test('an apply whose server dies after any answer and is run again ends the same, without orphans or wrong aliases', {
    timeout: 600_000,
  }, async (context) => {
    // The order of the requests is the same on every runtime, so one runtime is enough.
    if (kind === 'real' && !isNode) context.skip('the points of an apply on a real server are tried on Node')
    const own = kind === 'real' ? await startLikeReal(dialect) : undefined
    if (kind === 'real' && own === undefined) context.skip('HYPERKIT_SERVERS names no such server')
    const front = await openFront(folder, dialect, own)
    const restart = own ? () => own.restart('SIGKILL') : front.restart
    if (restart === undefined) throw new Error('nothing can be restarted')
    try {
      const apply = await prepareInterruptedApply(folder, front)
      const points = await apply.trySwap((answers) => front.restartAfter(answers, restart))
      console.log(`${kind} ${dialect}: ${points} points of a swap with pruning`)
      expect(points).toBeGreaterThan(10)
    } finally {
      await front.close()
      await own?.stop()
    }
  })
})
