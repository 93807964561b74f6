import type { Manifest } from '../manifest/manifest.ts'

type Secrets = NonNullable<Manifest['secrets']>

/**
 * Replaces the values of secret variables by `${NAME}`. In a JSON document only strings are changed, so that it stays valid. A
 * value of fewer than four characters protects nothing and would be found everywhere, so it is left.
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

/** Finds the value of a secret variable in the strings of a JSON document, and gives the name of the variable. */
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

/** The longest first, since one value may contain another. */
function sorted(secrets: Secrets): Secrets {
  return secrets.filter(({ value }) => value.length >= 4).sort((a, b) => b.value.length - a.value.length)
}

/** The value as it is, as it appears in quoted strings, and as it appears in URLs. */
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
