export interface Violation {
  file: string
  line: number
  rule: string
  /** What is wrong, and after the colon how to fix it. */
  message: string
}

/** One line, in a format that editors and terminals turn into a link. */
export function renderViolation(violation: Violation): string {
  return `${violation.file}:${violation.line} [${violation.rule}] ${violation.message}`
}
