import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { parseYaml, UsageError } from '@hyperkit/script'
import { nearestName } from '@hyperkit/terminal/text'
import * as v from 'valibot'
import { importFile } from './import-file.ts'

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
  /** Absolute paths. */
  scripts: string[]
}

const names = ['ts', 'mts', 'js', 'mjs', 'json'].map((extension) => `hyperkit.config.${extension}`)

/**
 * Reads the configuration of the folder, or of the nearest folder above that has one.
 *
 * @throws UsageError it cannot be read; the message has the place in the file if it is known
 */
export async function readConfig(folder: string): Promise<Config> {
  const path = findConfig(folder)
  if (path === undefined) return { scripts: [] }
  const shown = relative(folder, path)
  const content = path.endsWith('.json')
    ? // JSON is YAML, whose parser reports the place of an error.
      await parseYaml(await readFile(path, 'utf8'), shown)
    : (await importFile(path, shown)).default
  const result = v.safeParse(schema, content)
  if (!result.success) throw new UsageError(`${shown}: ${explain(result.issues[0])}`)
  return { scripts: result.output.scripts.map((each) => resolve(dirname(path), each)) }
}

function findConfig(folder: string): string | undefined {
  const found = names.map((name) => join(folder, name)).find((path) => existsSync(path))
  const above = dirname(folder)
  return found ?? (above === folder ? undefined : findConfig(above))
}

function explain(issue: v.InferIssue<typeof schema>): string {
  const key = String(issue.path?.[0].key ?? '')
  if (issue.type !== 'strict_object' || key === '')
    return key === '' ? 'it must export an object, { scripts: "./ops" }' : `"${key}": ${issue.message}`
  const near = nearestName(key, Object.keys(schema.entries))
  return `unknown key "${key}"; ${near === undefined ? `known keys: ${Object.keys(schema.entries).join(', ')}` : `did you mean "${near}"?`}`
}
