import { expect, test } from 'vitest'
import type { Answer } from '../http/answer.ts'
import { listAliasNames } from './list-alias-names.ts'

async function namesFrom(metadata: unknown): Promise<(name: string) => boolean> {
  return listAliasNames({ name: 'edge', request: async () => ({ metadata }) as Answer })
}

test('the names of aliases are read from URLs that are encoded once or twice, and that name a project', async () => {
  const mayHave = await namesFrom([
    '/1.0/images/aliases/ubuntu%252Fnoble',
    '/1.0/images/aliases/debian%2F12?project=web',
    '/1.0/images/aliases/plain',
    '/1.0/images/aliases/100%25',
  ])
  for (const name of ['ubuntu/noble', 'debian/12', 'plain', '100%'])
    expect([name, mayHave(name)]).toEqual([name, true])
  for (const name of ['ubuntu', 'noble', 'debian', '']) expect([name, mayHave(name)]).toEqual([name, false])
})

test('a server without aliases has none, and an answer that is no list is an error', async () => {
  expect((await namesFrom(null))('a')).toBe(false)
  await expect(namesFrom({ aliases: [] })).rejects.toThrow(
    'Cannot list the names of aliases on "edge": the answer is not a list of URLs',
  )
})
