import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSelfSignedCertificate } from '@hyperkit/connect'
import { createClient, fetchTransport } from '@hyperkit/core'
import { createImageServer } from '@hyperkit/embedded'

export interface QuickstartServer {
  url: string
  /** Environment variables that point clients to a configuration with the remote `quickstart`. */
  environment: Record<string, string>
  close(): Promise<void>
}

/**
 * Starts an embedded server on loopback, over https and with a trusted client certificate, and writes a client configuration
 * for it, as `incus remote add` would.
 */
export async function openServer(): Promise<QuickstartServer> {
  const server = createImageServer({ dialect: 'incus', serverName: 'quickstart' })
  const { url, certificate } = await server.listen({ https: {} })
  const identity = await createSelfSignedCertificate({ commonName: 'quickstart' })
  // A caller without a connection, as here, is the server's administrator.
  const administrator = createClient({
    transport: {
      ...fetchTransport(url),
      fetch: (input, init) => server.fetch(new Request(input, init as RequestInit)),
    },
  })
  await administrator.certificates.create('quickstart', { certificate: identity.certificate })

  const folder = mkdtempSync(join(tmpdir(), 'hyperkit-quickstart-'))
  mkdirSync(join(folder, 'servercerts'))
  writeFileSync(join(folder, 'servercerts/quickstart.crt'), certificate)
  writeFileSync(join(folder, 'client.crt'), identity.certificate)
  writeFileSync(join(folder, 'client.key'), identity.key, { mode: 0o600 })
  writeFileSync(
    join(folder, 'config.yml'),
    `default-remote: quickstart\nremotes:\n  quickstart:\n    addr: ${url}\n    protocol: incus\n`,
  )
  return {
    url,
    environment: { INCUS_CONF: folder, INCUS_REMOTE: '', INCUS_PROJECT: '' },
    async close() {
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
