import { deepEqual, equal, ok } from 'node:assert/strict'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { hashBytes } from '../harness/read-bytes.ts'

const topic = 'alias names'

/** Makes from a unique text a name that servers store and that software on the way may change. */
const names: readonly [what: string, of: (unique: string) => string][] = [
  ['a slash', (unique) => `a/${unique}/c`],
  ['slashes at both ends', (unique) => `/${unique}/`],
  ['two slashes', (unique) => `a//${unique}//b`],
  ['dots between slashes', (unique) => `${unique}/../b/./c`],
  ['spaces', (unique) => `  ${unique} with spaces `],
  ['a question mark', (unique) => `${unique}?recursion=1&x=y`],
  ['a number sign', (unique) => `${unique}#part`],
  ['a percent sign', (unique) => `100%${unique}%`],
  ['an encoded slash', (unique) => `${unique}%2Fb%252Fc`],
  ['encoded dots', (unique) => `%2e%2e/${unique}`],
  ['a plus sign', (unique) => `a+${unique}+b`],
  ['quotes and backslashes', (unique) => `"${unique}'\\\`<>|^{}[]`],
  ['colons, semicolons, commas, equals, at signs', (unique) => `${unique}:;,=@!$&*()~`],
  ['umlauts and kanji', (unique) => `Größe-日本語-${unique}`],
  ['combining characters', (unique) => `e\u0301-é-${unique}`],
  ['an emoji', (unique) => `🐧👩‍👩‍👧-${unique}`],
  ['characters that SQL matches by', (unique) => `%_${unique}_%`],
  ['300 characters', (unique) => `${unique}-`.padEnd(300, 'x')],
  ['the look of a fingerprint', (unique) => hashBytes(new TextEncoder().encode(unique))],
  ['the look of a short fingerprint', (unique) => hashBytes(new TextEncoder().encode(unique)).slice(0, 12)],
  [
    'only digits',
    (unique) => BigInt(`0x${hashBytes(new TextEncoder().encode(unique)).slice(0, 12)}`).toString(),
  ],
  ['the look of an option', (unique) => `--${unique}`],
]

export const cases: ConformanceCase[] = names.map(
  ([what, of]): ConformanceCase => ({
    name: `an alias name with ${what} survives every call unchanged, or is refused if the server has a rule against it`,
    topic,
    run: (context) => {
      const words = context.expected.refusedAliases[what]
      return words === undefined ? goThroughEveryCall(context, of) : beRefused(context, of, words)
    },
  }),
)

/** Checks that the server refuses the name in its own words, and the client before anything is sent. */
async function beRefused(
  { watch, uploaded, imageFile, unique }: CaseContext,
  of: (unique: string) => string,
  words: string,
): Promise<void> {
  const [name, good] = [of(unique('name')), unique('good')]
  const { fingerprint } = await uploaded({}, { aliases: [good] })
  const file = await imageFile()
  const { client, requests } = await watch()
  const { aliases } = client
  for (const call of [
    () => aliases.create(name, { target: fingerprint }),
    () => aliases.set(name, { target: fingerprint }),
    () => aliases.rename(good, name),
    () => client.images.upload(file.source, { fingerprint: file.fingerprint, aliases: [name] }),
  ])
    await expectError(call(), 'invalid-argument')
  ok(requests.every(({ method }) => method === 'GET') && file.opened === 0, JSON.stringify(requests))
  equal(await aliases.find(name), undefined)
  equal((await aliases.get(good)).target, fingerprint)
  const json = { name, target: fingerprint }
  const byHand = client.request({ method: 'POST', path: '/1.0/images/aliases', json })
  ok(
    (await expectError(byHand, 'bad-request')).message.includes(
      JSON.stringify(`Invalid image alias name: ${words}`),
    ),
  )
}

async function goThroughEveryCall(
  { client, untrustedClient, uploaded, unique }: CaseContext,
  of: (unique: string) => string,
): Promise<void> {
  const { aliases } = client
  const [one, two] = [await uploaded({}, { public: true }), await uploaded()]
  const [name, renamed] = [of(unique('name')), of(unique('other'))]
  const exists = async (expected: string): Promise<void> => {
    equal((await aliases.get(expected)).name, expected)
    equal((await aliases.list()).filter((alias) => alias.name === expected).length, 1)
  }

  await aliases.create(name, { target: one.fingerprint, description: name })
  await exists(name)
  deepEqual((await client.images.get(one.fingerprint)).aliases, [{ name, description: name }])
  equal((await untrustedClient.images.getByAlias(name)).fingerprint, one.fingerprint)
  equal((await aliases.update(name, { target: two.fingerprint })).target, two.fingerprint)
  equal((await aliases.set(name, { target: one.fingerprint })).change, 'retargeted')
  equal((await aliases.rename(name, renamed)).name, renamed)
  await exists(renamed)
  equal(await aliases.find(name), undefined)
  await aliases.delete(renamed)
  equal(await aliases.find(renamed), undefined)
  equal((await aliases.list()).filter((alias) => alias.name === renamed).length, 0)
  const image = await client.images.upload(two.source, { fingerprint: two.fingerprint, aliases: [name] })
  deepEqual(image.aliases, [{ name, description: '' }])
}
