import { stripVTControlCharacters } from 'node:util'

/** The result of one runtime, read from vitest's JSON report. */
export interface RuntimeRun {
  runtime: string
  exitCode: number
  /** Undefined when vitest died before it wrote one. */
  report: VitestReport | undefined
}

export interface VitestReport {
  testResults: {
    name: string
    status: string
    message: string
    assertionResults: {
      fullName: string
      status: string
      failureMessages?: string[]
      meta?: { skipReason?: string }
    }[]
  }[]
}

export interface Summary {
  passed: number
  failed: number
  skipped: number
  /** What failed, a line each, in the order of the runs. */
  problems: string[]
  /** Each reason once, with its runtimes and the number of skipped tests. */
  skips: { reason: string; runtimes: string[]; tests: number }[]
}

/**
 * Adds up the results of the runtimes. A failure is a failed test, a test file that did not load, a test that was skipped without a
 * reason, a runtime that ran nothing, and a runtime that ended with an error for no reason that its report shows.
 */
export function summarizeRuns(runs: readonly RuntimeRun[]): Summary {
  const summary: Summary = { passed: 0, failed: 0, skipped: 0, problems: [], skips: [] }
  for (const run of runs) {
    const failedBefore = summary.failed
    const passedBefore = summary.passed
    for (const file of run.report?.testResults ?? []) addFile(summary, run.runtime, file)
    if (summary.passed === passedBefore && summary.failed === failedBefore) {
      fail(summary, `${run.runtime}: no test ran (vitest ended with code ${run.exitCode})`)
    } else if (run.exitCode !== 0 && summary.failed === failedBefore) {
      fail(
        summary,
        `${run.runtime}: all tests passed but vitest ended with code ${run.exitCode}: see its output above`,
      )
    }
  }
  return summary
}

/** The last line of a test run. */
export function renderTotals({ passed, failed, skipped }: Summary): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

function addFile(summary: Summary, runtime: string, file: VitestReport['testResults'][number]): void {
  const failed = file.assertionResults.filter((test) => test.status === 'failed')
  summary.passed += file.assertionResults.filter((test) => test.status === 'passed').length
  for (const { fullName, failureMessages = [] } of failed) {
    const [cause = 'no message'] = failureMessages.join('\n').split('\n')
    fail(summary, `${runtime}: ${file.name}: "${fullName}" failed: ${stripVTControlCharacters(cause)}`)
  }
  // A file that does not load, or whose hooks throw, has failed although none of its tests has.
  if (file.status === 'failed' && failed.length === 0)
    fail(summary, `${runtime}: ${file.name}: ${file.message}`)
  for (const test of file.assertionResults) {
    if (test.status === 'passed' || test.status === 'failed') continue
    const reason = test.meta?.skipReason
    if (reason === undefined) {
      fail(
        summary,
        `${runtime}: "${test.fullName}" was skipped without a reason: use \`context.skip('why')\``,
      )
    } else {
      summary.skipped += 1
      addSkip(summary, runtime, reason)
    }
  }
}

function addSkip(summary: Summary, runtime: string, reason: string): void {
  const known = summary.skips.find((skip) => skip.reason === reason)
  const skip = known ?? { reason, runtimes: [], tests: 0 }
  if (known === undefined) summary.skips.push(skip)
  if (!skip.runtimes.includes(runtime)) skip.runtimes.push(runtime)
  skip.tests += 1
}

function fail(summary: Summary, problem: string): void {
  summary.failed += 1
  summary.problems.push(problem)
}
