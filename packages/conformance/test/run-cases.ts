import { afterAll, beforeAll, describe, test } from 'vitest'
import { allCases } from '../src/cases/all-cases.ts'
import type { ConformanceCase } from '../src/harness/conformance-case.ts'
import { explainSkip, runCase } from '../src/harness/run-case.ts'
import type { Target, TargetName } from '../src/harness/target.ts'

/**
 * One test for each case, on one target.
 *
 * @param absent a sentence that says why the target cannot be opened here
 */
export function runCases(
  name: TargetName,
  open: () => Promise<Target>,
  absent?: string,
  cases: readonly ConformanceCase[] = allCases,
): void {
  describe(name, () => {
    let target: Target | undefined
    beforeAll(async () => {
      if (absent === undefined) target = await open()
    })
    afterAll(() => target?.close())

    for (const topic of new Set(cases.map((one) => one.topic))) {
      describe(topic, () => {
        for (const one of cases.filter((other) => other.topic === topic)) {
          test(one.name, async (context) => {
            const reason = target ? explainSkip(one, target) : (absent ?? 'the server did not start')
            if (!target || reason !== undefined) return context.skip(reason)
            const gap = await runCase(one, target)
            if (gap !== undefined) context.skip(`known gap of ${name}: ${gap}`)
          })
        }
      })
    }
  })
}
