import type { Alias } from '@hyperkit/core'
import { shortFingerprint } from '@hyperkit/core/parts'
import {
  type ColumnsByLetter,
  columnsFlag,
  defineScript,
  describeView,
  formatFlag,
  positional,
  readColumns,
  runIfMain,
} from '@hyperkit/script'
import * as v from 'valibot'

const columnsByLetter: ColumnsByLetter<Alias> = {
  a: { title: 'ALIAS', text: ({ name }) => name },
  f: { title: 'FINGERPRINT', text: ({ target }) => shortFingerprint(target) },
  F: { title: 'FINGERPRINT', text: ({ target }) => target },
  t: { title: 'TYPE', text: ({ type }) => (type ?? '').toUpperCase() },
  d: { title: 'DESCRIPTION', text: ({ description }) => description },
}

const details = `A filter is a part of an alias name or of a fingerprint; an alias is shown if one of the filters matches.

Columns, as one word ("af") or with commas:
  a  alias     f  fingerprint, short     F  fingerprint, long     t  type     d  description`

const script = defineScript({
  description: 'List aliases',
  details,
  connects: false,
  args: v.object({
    filters: v.pipe(
      v.array(v.string()),
      v.description('Server to list, and filters for its aliases'),
      positional('[remote:] [filter...]', { completes: 'remote' }),
    ),
    columns: columnsFlag('aftd'),
    format: formatFlag(),
  }),
  examples: ['hyperkit alias list prod: ubuntu', 'hyperkit alias list -c aF -f csv'],
  async run({ args, reach, connect, rows, log, signal }) {
    const [first = '', ...others] = args.filters
    // `prod:web` is a server and a filter, as `incus` and `lxc` read it.
    const isServer = /^[^/]*:/.test(first)
    const { client, name } = isServer ? await reach(first) : { client: await connect(), name: first }
    const words = name === '' ? others : [name, ...others]
    const columns = readColumns(args.columns, columnsByLetter)
    const aliases = (await client.aliases.list({ signal })).filter(
      (alias) =>
        words.length === 0 ||
        words.some((word) => alias.name.includes(word) || alias.target.includes(word.toLowerCase())),
    )
    const note = await describeView(client, { signal })
    if (note !== undefined) log(note)
    rows(aliases, { columns, format: args.format })
  },
})

export default script
await runIfMain(import.meta, script)
