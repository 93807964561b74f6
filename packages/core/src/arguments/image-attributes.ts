import { ArgumentError } from '../errors/errors.ts'

/** Properties as a caller gives them. Servers store texts: 24.04 becomes "24.04", and true becomes "true". */
export type ImageProperties = Readonly<Record<string, string | number | boolean>>

/**
 * The properties as texts.
 *
 * @throws {ArgumentError} for a value that servers refuse, cut or silently drop
 */
export function checkProperties(properties: ImageProperties): Record<string, string> {
  if (properties === null || typeof properties !== 'object' || Array.isArray(properties)) {
    // PATCH with `"properties": null` makes the server's handler panic.
    throw new ArgumentError(
      'properties',
      `Cannot set properties: an object of strings is needed, got ${properties === null ? 'null' : typeof properties}`,
    )
  }
  const texts: Record<string, string> = {}
  for (const [key, given] of Object.entries(properties)) {
    if (typeof given !== 'string' && typeof given !== 'boolean' && !Number.isFinite(given)) {
      throw new ArgumentError(
        'properties',
        `Cannot set property ${JSON.stringify(key)}: its value must be a string, a number or a boolean, got ${typeof given} ${String(given)}`,
      )
    }
    const value = String(given)
    if (key === '') throw new ArgumentError('properties', 'Cannot set a property without a name')
    if (key.includes('\0') || value.includes('\0')) {
      throw new ArgumentError(
        'properties',
        `Cannot set property ${JSON.stringify(key)}: the server would cut the value off at its NUL character`,
      )
    }
    texts[key] = value
  }
  return texts
}

/** `expires_at` in the form that servers accept; `null` clears it, for which only 1970-01-01 works. */
export function formatExpiry(expiresAt: Date | null): string {
  if (expiresAt === null) return '1970-01-01T00:00:00Z'
  const time = expiresAt instanceof Date ? expiresAt.getTime() : Number.NaN
  if (Number.isNaN(time))
    throw new ArgumentError(
      'expiresAt',
      `Cannot set expiry: a valid Date is needed, got ${String(expiresAt)}`,
    )
  if (expiresAt.getUTCFullYear() <= 1970) {
    throw new ArgumentError(
      'expiresAt',
      `Cannot set expiry to ${expiresAt.toISOString()}: servers read years up to 1970 as "no expiry"; use null to clear it`,
    )
  }
  return expiresAt.toISOString()
}

/** A header value without line breaks and NUL, with one character for each byte of its UTF-8 form. */
export function headerText(argument: string, value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is to find control characters
  if (/[\u0000-\u001f\u007f]/.test(value)) {
    throw new ArgumentError(
      argument,
      `Cannot send ${argument} ${JSON.stringify(value)}: it contains a control character`,
    )
  }
  // Servers store the header's bytes unchanged, and `Headers` takes one character for each byte.
  return Array.from(new TextEncoder().encode(value), (byte) => String.fromCharCode(byte)).join('')
}
