import type { Manifest } from '../manifest/manifest.ts'

type Secrets = NonNullable<Manifest['secrets']>

/**
 * Puts `${NAME}` in place of the values of secret variables. Of a JSON document only texts are touched, so that it stays
 * one. A value of less than four letters hides nothing and would be found everywhere; it is left.
 */
export function hideSecrets(text: string, secrets: Manifest['secrets'] = []): string {
  const known = sorted(secrets)
  if (known.length === 0) return text
  const document = parseObject(text)
  if (document === undefined) return hideIn(text, known)
  const hidden = JSON.stringify(
    document,
    (_, value: unknown) => (typeof value === 'string' ? hideIn(value, known) : value),
    text.startsWith('{\n') ? 2 : 0,
  )
  return text.endsWith('\n') ? `${hidden}\n` : hidden
}

/** Whether a JSON document has the value of a secret variable in a text; the variable's name. */
export function findSecret(document: unknown, secrets: Manifest['secrets'] = []): string | undefined {
  const known = sorted(secrets)
  let found: string | undefined
  JSON.stringify(document, (_, value: unknown) => {
    if (typeof value === 'string')
      found ??= known.find((secret) => formsOf(secret.value).some((form) => value.includes(form)))?.name
    return value
  })
  return found
}

function hideIn(text: string, known: Secrets): string {
  let hidden = text
  for (const { name, value } of known)
    for (const form of formsOf(value)) hidden = hidden.replaceAll(form, () => `\${${name}}`)
  return hidden
}

/** The longest first: one may stand in another. */
function sorted(secrets: Secrets): Secrets {
  return secrets.filter(({ value }) => value.length >= 4).sort((a, b) => b.value.length - a.value.length)
}

/** As it is, as texts in quotes show it, and as addresses do. */
function formsOf(value: string): string[] {
  return [...new Set([value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)])]
}

function parseObject(text: string): object | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    return JSON.parse(text) as object
  } catch {
    return undefined
  }
}
