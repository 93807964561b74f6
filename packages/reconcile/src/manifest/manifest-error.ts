import { HyperkitError } from '@hyperkit/core'
import type { Position } from './position.ts'

/** One mistake in a manifest. */
export interface Problem {
  file: string
  at: Position
  message: string
}

/**
 * All mistakes in a manifest at once; the message has one line for each, as compilers print them.
 *
 * @example
 * ```ts
 * try {
 *   await loadManifest('images.yaml')
 * } catch (error) {
 *   if (!(error instanceof ManifestError)) throw error
 *   for (const problem of error.problems) console.log(formatProblem(problem))
 * }
 * ```
 */
export class ManifestError extends HyperkitError {
  override readonly name = 'ManifestError'
  /** Sorted by file, line and column. */
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[], options: { cause?: unknown } = {}) {
    const sorted = problems
      .map(({ file, at, message }) => ({
        file: at.file ?? file,
        at: { line: at.line, column: at.column },
        message,
      }))
      .sort((a, b) => compare(a.file, b.file) || a.at.line - b.at.line || a.at.column - b.at.column)
    super('invalid-configuration', sorted.map(formatProblem).join('\n'), options)
    this.problems = sorted
  }
}

/**
 * Formats a problem as `images.yaml:4:9: message`, which terminals and editors turn into a link.
 *
 * @see {@link ManifestError}
 */
export function formatProblem({ file, at, message }: Problem): string {
  return `${file}:${at.line}:${at.column}: ${message}`
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}
