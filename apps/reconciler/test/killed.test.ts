import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { prepareInterruptedApply } from './interrupted-apply.ts'
import { interruptionTargets } from './interruption-targets.ts'
import { openFront } from './open-front.ts'
import { describeReal } from './open-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-killed-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(interruptionTargets())('killed after the answers of %s %s and run again', (kind, dialect) => {
  test('an apply that is killed after any answer and run again ends the same, without orphans or wrong aliases', {
    timeout: 600_000,
  }, async (context) => {
    const behind = kind === 'real' ? describeReal(dialect) : undefined
    if (kind === 'real' && behind === undefined) context.skip('HYPERKIT_SERVERS names no such server')
    const front = await openFront(folder, dialect, behind)
    const apply = await prepareInterruptedApply(folder, front)
    try {
      const points = await apply.tryPoints(front.killAfter)
      console.log(
        `${kind} ${dialect}: ${points.fresh} points of a first apply, ${points.swapped} of a swap with pruning`,
      )
      expect(points.fresh).toBeGreaterThan(10)
      expect(points.swapped).toBeGreaterThan(10)
    } finally {
      await apply.clean()
      await front.close()
    }
  })
})
