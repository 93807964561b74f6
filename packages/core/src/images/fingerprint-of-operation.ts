/** The fingerprint that an operation names, as many failed ones do too. */
export function fingerprintOfOperation(metadata: Record<string, unknown>): string | undefined {
  const { fingerprint } = metadata
  return typeof fingerprint === 'string' && /^[0-9a-f]{64}$/.test(fingerprint) ? fingerprint : undefined
}
