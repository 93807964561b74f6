import { oldYamlScalar, showText } from '@hyperkit/terminal/text'

/**
 * A value as JSON for people and programs; control characters of any kind are escaped, as JSON allows.
 *
 * @example
 * ```ts
 * console.log(renderJson({ alias: 'ubuntu/noble' }))
 * ```
 */
export function renderJson(value: unknown): string {
  return `${showText(JSON.stringify(value, undefined, 2) ?? 'null', { keep: '\n' })}\n`
}

/**
 * A value as YAML that readers of YAML 1.1 read alike, with what a terminal would obey written out.
 *
 * @example
 * ```ts
 * console.log(await renderYaml({ alias: 'ubuntu/noble' }))
 * ```
 */
export async function renderYaml(value: unknown): Promise<string> {
  // Loaded when needed: it is the largest part of what a script can load.
  const { stringify } = await import('yaml')
  const text = stringify(JSON.parse(JSON.stringify(value ?? null)), { lineWidth: 0, compat: [oldYamlScalar] })
  return showText(text, { keep: '\n' })
}
