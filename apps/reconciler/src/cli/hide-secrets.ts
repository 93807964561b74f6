import type { Manifest } from '../manifest/manifest.ts'

/** Puts `${NAME}` in place of the values of secret variables, also where JSON or HTML has escaped them. */
export function hideSecrets(text: string, secrets: Manifest['secrets'] = []): string {
  let hidden = text
  // The longest first: one may stand in another.
  for (const { name, value } of [...secrets].sort((a, b) => b.value.length - a.value.length))
    for (const form of formsOf(value)) hidden = hidden.replaceAll(form, () => `\${${name}}`)
  return hidden
}

/** Whether a text has the value of a secret variable in it; the variable's name. */
export function findSecret(text: string, secrets: Manifest['secrets'] = []): string | undefined {
  return secrets.find(({ value }) => formsOf(value).some((form) => text.includes(form)))?.name
}

function formsOf(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1)
  return [value, json, JSON.stringify(json).slice(1, -1), encodeURIComponent(value)]
}
