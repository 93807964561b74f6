import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@hyperkit/connect'
import { type Client, UsageHiddenError } from '@hyperkit/core'
import { uploadImage } from '@hyperkit/files'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { makeImage } from '../src/fixtures/make-image.ts'
import { explainAbsence } from '../src/servers/explain-absence.ts'
import { makeCertificate } from '../src/servers/make-certificate.ts'
import { removeFolder } from '../src/servers/remove-folder.ts'
import { completeOnSocket, requestSocket } from '../src/servers/request-socket.ts'
import type { CertificatePair, RunningServer } from '../src/servers/running-server.ts'
import { startServer } from '../src/servers/start-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-authorization-'))
afterAll(() => removeFolder(folder))

describe.each(['incus-6.0', 'incus-7.0'] as const)(
  'the configuration of %s as seen by a client',
  (version) => {
    const absence = explainAbsence(version)
    const guest = makeCertificate({ name: 'guest' })
    let server: RunningServer
    let fingerprint: string

    // A separate server, because its configuration changes what all clients see.
    beforeAll(async () => {
      if (absence !== undefined) return
      server = await startServer(version)
      const { path } = await makeImage({ directory: folder, name: version })
      const client = await open(server.clientCertificate)
      fingerprint = (await uploadImage(client, path)).fingerprint
      client.close()
      await completeOnSocket(server.socket, {
        method: 'POST',
        path: '/1.0/instances',
        json: { name: 'one', type: 'container', source: { type: 'image', fingerprint } },
      })
      await requestSocket(server.socket, {
        method: 'POST',
        path: '/1.0/certificates',
        json: {
          type: 'client',
          name: 'guest',
          restricted: true,
          projects: ['default'],
          certificate: guest.base64,
        },
      })
    })
    afterAll(() => server?.stop())
    beforeEach((context) => {
      if (absence !== undefined) context.skip(absence)
    })

    async function open(certificate: CertificatePair | 'socket'): Promise<Client> {
      const { url, socket, serverFingerprint } = server
      return certificate === 'socket'
        ? connect({ socket })
        : connect({ url, serverCertificate: serverFingerprint, clientCertificate: certificate })
    }

    async function opened(certificate: CertificatePair | 'socket'): Promise<Client> {
      const client = await open(certificate)
      onTestFinished(() => client.close())
      return client
    }

    async function configure(config: Record<string, string>): Promise<void> {
      const set = (to: Record<string, string>) =>
        requestSocket(server.socket, { method: 'PATCH', path: '/1.0', json: { config: to } })
      await set(config)
      onTestFinished(async () => {
        await set(Object.fromEntries(Object.keys(config).map((key) => [key, ''])))
      })
    }

    const shown = async (client: Client): Promise<string[]> => {
      const { metadata } = await client.request({ method: 'GET', path: '/1.0' })
      return Object.keys((metadata as { config: object }).config)
    }

    test('the configuration is complete for clients that can see all instances', async () => {
      for (const who of [server.clientCertificate, 'socket'] as const) {
        const client = await opened(who)
        expect(await shown(client)).toContain('core.https_address')
        expect([...(await client.images.used())]).toEqual([fingerprint])
      }
    })

    test('a configuration that every client can see does not prove that a client sees all instances', async () => {
      await configure({ 'user.ui.title': 'Ours' })
      const client = await opened(guest)
      expect(await shown(client)).toEqual(['user.ui.title'])
      await expect(client.images.used()).rejects.toBeInstanceOf(UsageHiddenError)
    })

    test('the configuration does not prove that a client sees all instances if a script decides, except on root’s socket', async () => {
      const script = [
        'def authorize(details, object, entitlement):',
        '    return not (entitlement == "can_view" and object.startswith("instance:"))',
      ]
      await configure({ 'authorization.scriptlet': `${script.join('\n')}\n` })
      // Newer ones use the script for certificates only if configured.
      if (version === 'incus-7.0') await configure({ 'authorization.client.tls': 'scriptlet' })
      const client = await opened(server.clientCertificate)
      expect(await shown(client)).toContain('core.https_address')
      const { metadata } = await client.request({ method: 'GET', path: '/1.0/instances' })
      expect(metadata).toEqual([])
      await expect(client.images.used()).rejects.toMatchObject({
        code: 'not-authorized',
        message: expect.stringMatching(
          /because "authorization\.[a-z.]+" of the server decides what each client sees/,
        ),
      })
      expect([...(await (await opened('socket')).images.used())]).toEqual([fingerprint])
    })
  },
)
