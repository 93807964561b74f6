import * as v from 'valibot'

/** Where a value does not have the expected form, and why; both short and in one line, because they quote what a server sent. */
export function describeIssue(issue: v.BaseIssue<unknown>): { at: string | undefined; why: string } {
  const at = v.getDotPath(issue)
  return { at: at === null ? undefined : inOneLine(at, 100), why: inOneLine(issue.message, 500) }
}

function inOneLine(text: string, longest: number): string {
  const line = text.slice(0, longest + 1).replaceAll(/\s+/g, ' ')
  return text.length <= longest ? line : `${line.slice(0, longest)}…`
}
