import { defineScript, findImage, imageWord, positional, runIfMain, UsageError } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Set properties of an image, and keep the others',
  details: `Give one or more key=value, as with "incus image set-property". Two words of which the first has no "=" are one property and its
value, as with "lxc image set-property"; that value may contain "=".`,
  connects: false,
  args: v.object({
    image: imageWord(),
    words: v.pipe(
      v.array(v.string()),
      v.minLength(1),
      v.description('Properties with their values'),
      positional('<key>=<value>...'),
    ),
  }),
  examples: [
    'hyperkit set-property prod:ubuntu/noble release=24.04 variant=cloud',
    'hyperkit set-property prod:ubuntu/noble release 24.04',
  ],
  async run({ args, reach, change, signal }) {
    const properties = readProperties(args.words)
    const { client, name } = await reach(args.image)
    const { fingerprint } = await findImage(client, name, { signal })
    await change(() => client.images.patch(fingerprint, { properties }, { signal }))
  },
})

export default script
await runIfMain(import.meta, script)

function readProperties(words: readonly string[]): Record<string, string> {
  const [first = '', second] = words
  const isPair = words.length === 2 && second !== undefined && !first.includes('=')
  const entries = isPair ? [[first, second] as const] : words.map(readEntry)
  for (const [index, [key, value]] of entries.entries()) {
    if (key === '') throw new UsageError('a property needs a name before "="')
    if (value === '')
      throw new UsageError(
        `property ${JSON.stringify(key)} has no value, and servers drop such a property; use unset-property`,
      )
    if (entries.findIndex(([other]) => other === key) !== index)
      throw new UsageError(`property ${JSON.stringify(key)} is given twice`)
  }
  return Object.fromEntries(entries)
}

function readEntry(word: string): readonly [key: string, value: string] {
  const at = word.indexOf('=')
  if (at === -1)
    throw new UsageError(
      `${JSON.stringify(word)} is not key=value; give "key=value key2=value2", or one key and its value`,
    )
  return [word.slice(0, at), word.slice(at + 1)]
}
