import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Reachable {
  url: string
  serverCertificate: string
  clientCertificate: { cert: string; key: string }
}

/** Writes the certificate files of a server, and returns its entry for a manifest, as YAML. */
export async function saveReach(directory: string, name: string, server: Reachable): Promise<string> {
  const path = (suffix: string): string => join(directory, `${name}${suffix}`)
  await Promise.all([
    writeFile(path('-server.crt'), server.serverCertificate),
    writeFile(path('.crt'), server.clientCertificate.cert),
    writeFile(path('.key'), server.clientCertificate.key, { mode: 0o600 }),
  ])
  return `{ url: "${server.url}", serverCertificate: ${path('-server.crt')}, clientCertificate: ${path('.crt')} }`
}
