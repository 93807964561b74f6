import { allCases, type ConformanceCase, explainSkip, openEmbeddedTarget } from '@hyperkit/conformance'
import { type Dialect, type DialectName, dialects } from '@hyperkit/embedded'
import type { Field } from './change-field.ts'
import { holds } from './run-limited.ts'

export type Version = Exclude<DialectName, 'lxd' | 'incus'>

/** The fields of its server's dialect that a case read. */
export interface NotedCase {
  one: ConformanceCase
  reads: ReadonlySet<Field>
  milliseconds: number
}

/**
 * Runs the cases on the unchanged embedded server, and records which fields of its dialect the server reads for each case: only
 * these cases can fail if the field changes.
 *
 * @returns the cases, the fastest first
 */
export async function noteReads(version: Version, topics: readonly string[]): Promise<NotedCase[]> {
  const always = new Set<Field>()
  let reads = always
  const noting = new Proxy(dialects[version], {
    get(dialect, field: Field) {
      reads.add(field)
      return dialect[field]
    },
  }) as Dialect
  const target = await openEmbeddedTarget(version, noting)
  const noted: NotedCase[] = []
  try {
    for (const one of allCases) {
      if (topics.length > 0 && !topics.includes(one.topic)) continue
      if (explainSkip(one, target) !== undefined) continue
      reads = new Set(always)
      const start = performance.now()
      if (!(await holds(one, target))) {
        console.error(`left out, because it fails on the unchanged ${version}: ${one.topic}: ${one.name}`)
        continue
      }
      noted.push({ one, reads, milliseconds: performance.now() - start })
    }
  } finally {
    await target.close()
  }
  return noted.sort((a, b) => a.milliseconds - b.milliseconds)
}
