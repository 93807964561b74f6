import { showText } from '@hyperkit/terminal/text'
import { stringify } from 'yaml'

/** A value as JSON for people and programs; control characters of any kind are escaped, as JSON allows. */
export function renderJson(value: unknown): string {
  return `${showText(JSON.stringify(value, undefined, 2) ?? 'null', { keep: '\n' })}\n`
}

/** A value as YAML, with what a terminal would obey written out. */
export function renderYaml(value: unknown): string {
  const text = stringify(JSON.parse(JSON.stringify(value ?? null)), { lineWidth: 0 })
  return showText(text, { keep: '\n' })
}
