/** What a registry wants, from the header WWW-Authenticate of its 401. */
export type Challenge =
  | { kind: 'basic' }
  | { kind: 'bearer'; realm: string; service: string | undefined; scope: string | undefined }

/** Reads a challenge; undefined if it is none that is understood. Of several, a bearer token is preferred. */
export function readChallenge(header: string | null): Challenge | undefined {
  if (header === null) return undefined
  const bearer = /\bbearer\s+(.*)/is.exec(header)?.[1]
  if (bearer !== undefined) {
    const values = new Map(
      [...bearer.matchAll(/([a-z_]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))/gi)].map(
        ([, key = '', quoted, plain]) => [key.toLowerCase(), quoted ?? plain],
      ),
    )
    const realm = values.get('realm')
    if (realm !== undefined)
      return { kind: 'bearer', realm, service: values.get('service'), scope: values.get('scope') }
  }
  return /\bbasic\b/i.test(header) ? { kind: 'basic' } : undefined
}
