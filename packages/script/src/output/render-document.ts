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
  const { Document, Scalar, visit } = await import('yaml')
  const document = new Document(JSON.parse(JSON.stringify(value ?? null)), { compat: [oldYamlScalar] })
  visit(document, {
    Scalar(_, node) {
      // Only in double quotes are the characters that are written out read as themselves.
      if (typeof node.value === 'string' && showText(node.value, { keep: '\n' }) !== node.value)
        node.type = Scalar.QUOTE_DOUBLE
    },
  })
  const text = document.toString({ lineWidth: 0 })
  return showText(text, { keep: '\n' })
}
