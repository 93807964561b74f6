import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, describe, expect, test } from 'vitest'
import { prepareInterruptedApply } from './interrupted-apply.ts'
import { openFront } from './open-front.ts'
import { describeReal } from './open-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-killed-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const isNode = !('deno' in process.versions || 'bun' in process.versions)

const targets = (['embedded', 'real'] as const).flatMap((kind) =>
  (['lxd', 'incus'] as const).map((dialect) => [kind, dialect] as const),
)

describe.each(targets)('killed after every single answer of %s %s and run again', (kind, dialect) => {
  test('an apply that is killed after any answer and run again ends the same, without orphans or wrong aliases', {
    timeout: 600_000,
  }, async (context) => {
    const behind = kind === 'real' ? describeReal(dialect) : undefined
    if (kind === 'real' && behind === undefined) context.skip('HYPERKIT_SERVERS names no such server')
    // The order of the requests is the same on every runtime, so one runtime is enough.
    if (kind === 'real' && !isNode) context.skip('the points of an apply on a real server are tried on Node')
    const front = await openFront(folder, dialect, behind)
    const apply = await prepareInterruptedApply(folder, front)
    try {
      const points = await apply.tryEveryPoint(front.killAfter)
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
