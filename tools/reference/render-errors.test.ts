import { expect, test } from 'vitest'
import { renderErrors } from './render-errors.ts'

const declared = (members: string): string =>
  `export type ErrorCode =\n${members}\n\nexport const other = 1\n`

test('each code of the source is a row under its heading', () => {
  const source = declared(
    "  // The server\n  /** It is not there. Then: look\n   * elsewhere. */\n  | 'not-found'\n  /** It waits. Then: wait. */\n  | 'busy'",
  )
  const { text, problems } = renderErrors([source])
  expect(problems).toEqual([])
  expect(text).toContain(
    '## The server\n\n| code | when | what to do |\n| --- | --- | --- |\n| `not-found` | It is not there. | Look elsewhere. |\n| `busy` | It waits. | Wait. |\n',
  )
})

test('a code without a comment, or without what to do, is a problem', () => {
  const { problems } = renderErrors([declared("  | 'not-found'\n  /** It waits. */\n  | 'busy'")])
  expect(problems.map((problem) => /"([\w-]+)"/.exec(problem)?.[1])).toEqual(['not-found', 'busy'])
})

test('a source without the codes is a problem', () => {
  expect(renderErrors(['export const other = 1\n']).problems).toHaveLength(1)
})
