import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { prepareInterruptedApply } from './interrupted-apply.ts'
import { interruptionTargets } from './interruption-targets.ts'
import { openFront } from './open-front.ts'
import { startLikeReal } from './open-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-restarted-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(interruptionTargets())(
  '%s %s dies after the answers of an apply and comes back',
  (kind, dialect) => {
    test('an apply whose server dies after any answer and is run again ends the same, without orphans or wrong aliases', {
      timeout: 600_000,
    }, async (context) => {
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
  },
)
