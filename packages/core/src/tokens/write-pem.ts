/**
 * Writes a certificate as PEM text.
 *
 * @example
 * ```ts
 * console.log(writePem(new Uint8Array([48, 0])).split('\n')[1]) // MAA=
 * ```
 */
export function writePem(der: Uint8Array): string {
  const base64 = btoa(Array.from(der, (byte) => String.fromCharCode(byte)).join(''))
  const lines = base64.match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
