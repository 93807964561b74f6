import { hiddenText } from '@hyperkit/core/parts'

/** Replaces secrets in a recording. The same secret becomes the same placeholder each time, so that requests and answers still match. */
export interface SecretHider {
  /** @param file number of the file that is being written; placeholders of new secrets contain it */
  json(file: number, value: unknown): unknown
  text(file: number, text: string): string
  headers(file: number, headers: Record<string, string>): Record<string, string>
  /** Path and query. */
  path(file: number, path: string): string
}

// Names of fields, query parameters, headers and server settings whose values are secret.
const secretName =
  /secret|passw(or)?d|token|private[._-]?key|credential|authorization|cookie|api[._-]?key|user[._-]data|vendor[._-]data/i
// Secrets of this length or more are replaced inside other texts too. A shorter one would match text that is not the secret.
const findable = 8
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g

/** @param known secrets that may occur, such as the client's bearer token and its private key */
export function createSecretHider(known: readonly string[] = []): SecretHider {
  const hidden = new Map<string, string>()
  let count = 0
  let lastFile = 0
  const hide = (file: number, secret: string): string => {
    if (file !== lastFile) count = 0
    lastFile = file
    const there = hidden.get(secret)
    if (there !== undefined) return there
    const placeholder = hiddenText.make(file, ++count)
    hidden.set(secret, placeholder)
    return placeholder
  }
  const isSecret = (name: string, value: unknown): value is string =>
    typeof value === 'string' && value !== '' && secretName.test(name) && !hiddenText.pattern.test(value)

  const text = (file: number, original: string): string => {
    let result = original.replaceAll(privateKey, (key) => hide(file, key))
    for (const secret of known) {
      if (secret.length >= findable && result.includes(secret)) hide(file, secret)
    }
    // Longest first, since one secret may be part of another.
    const all = [...hidden].sort(([a], [b]) => b.length - a.length)
    for (const [secret, placeholder] of all) {
      if (secret.length < findable) continue
      result = result.replaceAll(secret, placeholder).replaceAll(encodeURIComponent(secret), placeholder)
    }
    return result
  }
  const learn = (file: number, value: unknown, inSecrets = false): void => {
    if (value === null || typeof value !== 'object') return
    for (const [name, child] of Object.entries(value)) {
      if (isSecret(name, child) || (inSecrets && typeof child === 'string' && child !== '')) hide(file, child)
      learn(file, child, inSecrets || (secretName.test(name) && typeof child === 'object'))
    }
    for (const secret of operationSecrets(value)) hide(file, secret)
  }
  const replace = (file: number, value: unknown, name = '', inSecrets = false): unknown => {
    if (typeof value === 'string') {
      return value !== '' && (inSecrets || isSecret(name, value)) ? hide(file, value) : text(file, value)
    }
    if (Array.isArray(value)) return value.map((child) => replace(file, child, name, inSecrets))
    if (value === null || typeof value !== 'object') return value
    const below = inSecrets || secretName.test(name)
    return Object.fromEntries(
      Object.entries(value).map(([key, child]) => [text(file, key), replace(file, child, key, below)]),
    )
  }
  const query = (file: number, encoded: string): string =>
    encoded
      .split('&')
      .map((pair) => {
        const [name = '', ...rest] = pair.split('=')
        const value = decode(rest.join('='))
        return isSecret(decode(name), value) ? `${name}=${hide(file, value)}` : text(file, pair)
      })
      .join('&')
  const path = (file: number, original: string): string => {
    const [place = '', ...rest] = original.split('?')
    return rest.length === 0 ? text(file, place) : `${text(file, place)}?${query(file, rest.join('?'))}`
  }
  return {
    json(file, value) {
      learn(file, value)
      return replace(file, value)
    },
    text,
    path,
    headers: (file, headers) =>
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => {
          if (isSecret(name, value)) return [name, hide(file, value)]
          if (name === 'location') return [name, path(file, value)]
          return [name, name.endsWith('-properties') ? query(file, value) : text(file, value)]
        }),
      ),
  }
}

/** An operation's metadata holds the keys of its WebSockets by their numbers: `{ "0": "ab12…", "control": "cd34…" }`. */
function operationSecrets(value: object): string[] {
  const { class: kind, metadata } = value as { class?: unknown; metadata?: unknown }
  if ((kind !== 'websocket' && kind !== 'token') || metadata === null || typeof metadata !== 'object')
    return []
  return Object.entries(metadata as Record<string, unknown>).flatMap(([name, text]) =>
    typeof text === 'string' && name !== 'fingerprint' && /^[0-9a-f]{32,}$/i.test(text) ? [text] : [],
  )
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
