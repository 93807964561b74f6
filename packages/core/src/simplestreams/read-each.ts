import * as v from 'valibot'
import { describeIssue } from '../model/describe-issue.ts'

/** The entries of a document that have the expected form, and a sentence about each other one. */
export interface ReadEntries<Entry> {
  entries: Record<string, Entry>
  problems: string[]
}

/** Checks each entry by itself, so that an odd one spoils only itself. An entry that is null is absent. */
export function readEach<const Schema extends v.GenericSchema>(
  schema: Schema,
  given: Readonly<Record<string, unknown>>,
): ReadEntries<v.InferOutput<Schema>> {
  const entries: [string, v.InferOutput<Schema>][] = []
  const problems: string[] = []
  for (const [name, value] of Object.entries(given)) {
    if (value === null) continue
    const result = v.safeParse(schema, value)
    if (result.success) entries.push([name, result.output])
    else problems.push(describe(name, result.issues[0]))
  }
  return { entries: Object.fromEntries(entries), problems }
}

function describe(name: string, issue: v.BaseIssue<unknown>): string {
  const { at, why } = describeIssue(issue)
  const field = at === undefined ? '' : ` at ${JSON.stringify(at)}`
  return `${JSON.stringify(name.slice(0, 100))} does not have the expected form${field} (${why})`
}
