import { readFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { parseYaml, UsageError } from '@hyperkit/script'
import { nearestName } from '@hyperkit/terminal/text'
import * as v from 'valibot'
import { findConfig } from './find-config.ts'

const schema = v.strictObject({
  /** Folders with scripts, relative to the folder of the file. */
  scripts: v.optional(
    v.pipe(
      v.union([v.string(), v.array(v.string())]),
      v.transform((given) => (typeof given === 'string' ? [given] : given)),
    ),
    [],
  ),
})

/** `hyperkit.config.ts`, or `.js`, `.mjs`, `.json`. */
export interface Config {
  /** Absolute path of the file; undefined if there is none. */
  file: string | undefined
  /** Absolute paths. */
  scripts: string[]
}

/**
 * Reads the configuration of the folder, or of the nearest folder above that has one, but of none above the home folder. The file is
 * read and never run: a command line with a typing error, or a shell that completes one, must not run code of the folder.
 *
 * @throws UsageError it cannot be read; the message has the place in the file if it is known
 */
export async function readConfig(folder: string): Promise<Config> {
  const path = findConfig(folder)
  if (path === undefined) return { file: undefined, scripts: [] }
  const shown = relative(folder, path)
  const text = await readFile(path, 'utf8')
  const isJson = path.endsWith('.json')
  const literal = isJson ? text : literalOf(text)
  const hint = isJson ? '' : `; ${literalOnly}`
  // JSON, and a literal of JavaScript, is YAML, whose parser reports the place of an error.
  const content =
    literal === undefined
      ? undefined
      : await parseYaml(literal, shown).catch((error: unknown) => {
          throw error instanceof UsageError ? new UsageError(`${error.message}${hint}`) : error
        })
  const result = v.safeParse(schema, content)
  if (!result.success) throw new UsageError(`${shown}: ${explain(result.issues[0], hint)}`)
  return { file: path, scripts: result.output.scripts.map((each) => resolve(dirname(path), each)) }
}

const literalOnly = 'it must be a literal, export default { scripts: "./ops" }: the file is read and not run'

/** The literal after `export default`. What is around it becomes spaces, so that places stay right. */
function literalOf(text: string): string | undefined {
  const blank = (part: string): string => part.replace(/[^\n]/g, ' ')
  const plain = text
    .replace(
      /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|\/\/.*|\/\*[\s\S]*?\*\/|:(?=\S)/g,
      // YAML needs a space after a colon.
      (all, quoted) => quoted ?? (all === ':' ? ': ' : blank(all)),
    )
    .replace(/^import type .*$/gm, blank)
    .replace(/(?<=\})\s*(?:as\s+const\b)?\s*(?:satisfies\s+[\w.]+)?\s*;?\s*$/, blank)
  const head = /^\s*export\s+default\s*(?=\{)/.exec(plain)?.[0]
  return head === undefined ? undefined : blank(head) + plain.slice(head.length)
}

function explain(issue: v.InferIssue<typeof schema>, hint: string): string {
  const key = String(issue.path?.[0].key ?? '')
  if (key === '') return literalOnly
  if (issue.type !== 'strict_object') return `"${key}": ${issue.message}${hint}`
  const near = nearestName(key, Object.keys(schema.entries))
  return `unknown key "${key}"; ${near === undefined ? `known keys: ${Object.keys(schema.entries).join(', ')}${hint}` : `did you mean "${near}"?`}`
}
