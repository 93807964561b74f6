/** One error code, as described in its comment. */
interface CodeFacts {
  code: string
  when: string
  /** What to do. */
  remedy: string
}

const union = /export type \w*ErrorCode =\n([\s\S]*?)\n\n/
const member =
  /^ {2}\/\/ (?<heading>.+)$|(?:^ {2}\/\*\*(?<comment>(?:(?!\*\/)[\s\S])*?)\s*\*\/\n)?^ {2}\| '(?<code>[a-z-]+)'$/gm

/**
 * The page of all error codes, from the comments on the members of `ErrorCode`: each says when the code occurs and, after
 * `Then:`, what to do. A line comment before a member is the heading of the members that follow.
 *
 * @param sources texts of the files that declare `ErrorCode` and similar types
 * @returns the page, and the codes whose comment lacks either part
 */
export function renderErrors(sources: readonly string[]): { text: string; problems: string[] } {
  const written = sources.map((source) => union.exec(source)?.[1] ?? '')
  const problems: string[] = []
  const lines: string[] = []
  if (written.includes('')) problems.push('docs/errors.md: a source declares no "export type …ErrorCode"')
  for (const { groups = {} } of written.flatMap((each) => [...each.matchAll(member)])) {
    if (groups.heading !== undefined)
      lines.push('', `## ${groups.heading}`, '', '| code | when | what to do |', '| --- | --- | --- |')
    else {
      const facts = readFacts(groups.code ?? '', groups.comment ?? '')
      if (facts === undefined)
        problems.push(
          `docs/errors.md: the comment on "${groups.code}" must say when it occurs and, after "Then:", what to do`,
        )
      else lines.push(`| \`${facts.code}\` | ${facts.when} | ${facts.remedy} |`)
    }
  }
  return { text: `${[...intro, ...lines].join('\n')}\n`, problems }
}

const intro = [
  '# Error codes',
  '',
  '<!-- Made by `npm run reference` from the comments on `ErrorCode` in packages/core and `CommandErrorCode` in packages/script. -->',
  '',
  'Every error of Hyperkit has a `code` that programs can branch on: `isHyperkitError(error, code)` in a program, `error.code` in the',
  'JSON of a command. A code changes its meaning only in a major version. The message says what failed, on which server and image, why,',
  'and what to do; this page says what each code means in general.',
]

function readFacts(code: string, comment: string): CodeFacts | undefined {
  const words = comment
    .replace(/\n\s*\*/g, ' ')
    .trim()
    .replace(/\s+/g, ' ')
    .replaceAll('|', '\\|')
  const [when, remedy, more] = words.split(' Then: ')
  if (!when || !remedy || more !== undefined) return undefined
  return { code, when, remedy: remedy.charAt(0).toUpperCase() + remedy.slice(1) }
}
