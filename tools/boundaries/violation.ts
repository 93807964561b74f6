export interface Violation {
  file: string
  line: number
  rule: string
  /** What stands there, and after the colon the way out. */
  message: string
}

/** One line that editors and terminals turn into a link. */
export function renderViolation(violation: Violation): string {
  return `${violation.file}:${violation.line} [${violation.rule}] ${violation.message}`
}
