// Changes each field of the embedded server's dialects in turn and counts the conformance cases that fail: if no case
// fails, nothing proves that the field is right. This is not part of the tests, because all fields take about an hour.
// npm run dialects [-- [--field NAME,…] [--dialect NAME,…] [--topic NAME,…] [--most 3]]
//   --dialect: the dialects to change, in this order; the first one in which a case fails counts
//   --topic: run only cases of these topics
//   --most: stop after this many failing cases of a field
import process from 'node:process'
import { parseArgs } from 'node:util'
import { openEmbeddedTarget } from '@hyperkit/conformance'
import { type Dialect, dialects } from '@hyperkit/embedded'
import { changeField, type Field } from './dialects/change-field.ts'
import { type NotedCase, noteReads, type Version } from './dialects/note-reads.ts'
import { holds } from './dialects/run-limited.ts'

const { values } = parseArgs({
  options: {
    field: { type: 'string' },
    // Dialects with the most fields of their own come first.
    dialect: { type: 'string', default: 'lxd-6.9,incus-7.0,lxd-5.0,lxd-5.21,incus-6.0,lxd-5.0.3,lxd-main' },
    topic: { type: 'string' },
    most: { type: 'string', default: '3' },
  },
})
const fields = (values.field?.split(',') ?? Object.keys(dialects['lxd-6.9'])) as Field[]
const versions = values.dialect.split(',') as Version[]
const most = Number(values.most)
const noted = new Map<Version, NotedCase[]>()

// A case that fails on a changed server may leave errors behind; they are no failure of this program.
process.on('unhandledRejection', () => {})
process.on('uncaughtException', () => {})

try {
  process.exit(await checkAll())
} catch (error) {
  console.error(error)
  process.exit(2)
}

async function checkAll(): Promise<number> {
  console.log(
    '| field | dialect | from | to | failing cases | the first |\n| --- | --- | --- | --- | --: | --- |',
  )
  const unproven: Field[] = []
  for (const field of fields) {
    if (!(await prove(field))) unproven.push(field)
  }
  console.log(
    `\n${fields.length} fields, no case fails if one of these ${unproven.length} changes: ${unproven.join(', ')}`,
  )
  return unproven.length === 0 ? 0 : 1
}

/** Prints the row of the first dialect in which a case fails, or of the last one if none fails. */
async function prove(field: Field): Promise<boolean> {
  let row: unknown[] = [field, '', '', '', 0, 'no case reads it']
  const seen = new Set<string | undefined>()
  for (const version of versions) {
    // One dialect is enough for each value of the field.
    const value = JSON.stringify(dialects[version][field])
    if (seen.has(value)) continue
    const cases = await casesThatRead(version, field)
    if (cases.length === 0) continue
    seen.add(value)
    const { changed, to } = changeField(dialects[version], field)
    const failed = await findFailing(version, changed, cases)
    const count = failed.length < most ? failed.length : `${most} or more`
    row = [
      field,
      version,
      dialects[version][field],
      to,
      count,
      failed[0] ?? `none of ${cases.length} that read it`,
    ]
    if (failed.length > 0) break
  }
  console.log(`| ${row.map(show).join(' | ')} |`)
  return row[4] !== 0
}

/** The names of cases that fail on a changed server, up to the limit. */
async function findFailing(
  version: Version,
  changed: Dialect,
  cases: readonly NotedCase[],
): Promise<string[]> {
  const target = await openEmbeddedTarget(version, changed).catch(() => undefined)
  if (!target) return cases.slice(0, most).map(() => '(no server can be set up for any case)')
  const failed: string[] = []
  for (const { one } of cases) {
    if (failed.length >= most) break
    if (!(await holds(one, target))) failed.push(`${one.topic}: ${one.name}`)
  }
  // Not awaited, because it would wait for everything that a failed case left running.
  void target.close().catch(() => {})
  return failed
}

async function casesThatRead(version: Version, field: Field): Promise<NotedCase[]> {
  const known = noted.get(version) ?? (await noteReads(version, values.topic?.split(',') ?? []))
  noted.set(version, known)
  return known.filter(({ reads }) => reads.has(field))
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined')
  return (text.length > 60 ? `${text.slice(0, 57)}…` : text).replaceAll('|', '\\|')
}
