import { createSelfSignedCertificate } from '@hyperkit/connect'
import { describe, expect, test } from 'vitest'
import { type ConnectionInfo, createImageServer, type ImageServer } from '../src/index.ts'
import { ask, upload } from './ask.ts'
import { makeArchive } from './make-archive.ts'

async function newPeer(): Promise<{ info: ConnectionInfo; base64: string; fingerprint: string }> {
  const { certificate, fingerprint } = await createSelfSignedCertificate({ commonName: 'client' })
  const base64 = certificate.replace(/-----[^-]*-----|\n/g, '')
  return { info: { transport: 'https', clientCertificate: certificate }, base64, fingerprint }
}

/** The text that a client builds from the metadata of a token's operation. */
async function newToken(server: ImageServer, request: object = {}): Promise<string> {
  const json = { type: 'client', name: 'made', token: true, ...request }
  const { metadata: operation } = await ask(server, 'POST', '/1.0/certificates', { json })
  expect(operation).toMatchObject({ class: 'token', description: 'Executing operation', may_cancel: true })
  const { addresses, fingerprint, secret } = operation.metadata
  return Buffer.from(JSON.stringify({ client_name: 'made', fingerprint, addresses, secret })).toString(
    'base64',
  )
}

describe.each(['lxd', 'incus'] as const)('trust on %s', (dialect) => {
  const field = dialect === 'lxd' ? 'password' : 'trust_token'
  const wrongField = dialect === 'lxd' ? 'trust_token' : 'password'
  const enrol = (server: ImageServer, info: ConnectionInfo, json: object) =>
    ask(server, 'POST', '/1.0/certificates', { json: { type: 'client', name: 'me', ...json }, info })

  test('a trust token in the field of the dialect makes one certificate trusted', async () => {
    const server = createImageServer({ dialect })
    const { info, fingerprint } = await newPeer()
    expect((await ask(server, 'GET', '/1.0', { info })).metadata.auth).toBe('untrusted')
    const token = await newToken(server)
    expect((await enrol(server, info, { [wrongField]: token })).error).toBe('not authorized')
    const added = await enrol(server, info, { [field]: token })
    expect([added.status, added.headers.get('location')]).toEqual([201, `/1.0/certificates/${fingerprint}`])
    expect((await ask(server, 'GET', '/1.0', { info })).metadata.auth).toBe('trusted')
    const again = await enrol(server, info, { [field]: token })
    expect([again.status, again.error]).toEqual([400, 'Client is already trusted'])
    const other = await newPeer()
    const reused = await enrol(server, other.info, { [field]: token })
    expect([reused.status, reused.error]).toEqual([403, 'No matching certificate add operation found'])
    expect((await enrol(server, other.info, {})).error).toBe('not authorized')
  })

  test('a trust password is accepted only by LXD', async () => {
    const server = createImageServer({ dialect, trustPassword: 'open sesame' })
    const { info } = await newPeer()
    expect((await enrol(server, info, { password: 'wrong' })).status).toBe(403)
    const { status } = await enrol(server, info, { password: 'open sesame' })
    expect(status).toBe(dialect === 'lxd' ? 201 : 403)
  })

  test('a trust token without a client certificate is refused and used up', async () => {
    const server = createImageServer({ dialect })
    const token = await newToken(server)
    const refused = await enrol(server, { transport: 'https' }, { [field]: token })
    expect([refused.status, refused.error]).toEqual([400, 'No client certificate provided'])
    // T47: the refused request has used up the token.
    const { info } = await newPeer()
    expect((await enrol(server, info, { [field]: token })).error).toBe(
      'No matching certificate add operation found',
    )
  })

  test('an administrator can add, read and remove certificates', async () => {
    const server = createImageServer({ dialect })
    const { info, base64, fingerprint } = await newPeer()
    const admin: ConnectionInfo = { transport: 'unix' }
    expect((await enrol(server, admin, { certificate: base64 })).status).toBe(201)
    const twice = await enrol(server, admin, { certificate: base64 })
    expect([twice.status, twice.error]).toEqual([409, 'Certificate already in trust store'])
    const bad = await enrol(server, admin, { certificate: 'zap' })
    expect([bad.status, bad.error]).toEqual([400, 'illegal base64 data at input byte 0'])
    const listed = (await ask(server, 'GET', '/1.0/certificates?recursion=1', { info })).metadata
    expect(listed).toMatchObject([
      { name: 'me', type: 'client', restricted: false, projects: [], fingerprint },
    ])
    expect('description' in listed[0]).toBe(dialect === 'incus')
    expect((await ask(server, 'DELETE', `/1.0/certificates/${fingerprint.slice(0, 12)}`)).status).toBe(200)
    expect((await ask(server, 'GET', `/1.0/certificates/${fingerprint}`)).error).toBe('Certificate not found')
    expect((await ask(server, 'GET', '/1.0', { info })).metadata.auth).toBe('untrusted')
  })

  test('a restricted certificate has no rights outside its projects', async () => {
    const server = createImageServer({ dialect })
    await ask(server, 'POST', '/1.0/projects', { json: { name: 'own' } })
    const { info } = await newPeer()
    await enrol(server, info, { [field]: await newToken(server, { restricted: true, projects: ['own'] }) })
    const archive = await makeArchive()
    const { metadata } = await upload(server, archive)
    expect((await ask(server, 'GET', '/1.0', { info })).metadata.auth).toBe('trusted')
    expect((await ask(server, 'GET', '/1.0/projects', { info })).metadata).toEqual(['/1.0/projects/own'])
    expect((await ask(server, 'GET', '/1.0/images', { info })).metadata).toEqual([])
    expect((await ask(server, 'GET', `/1.0/images/${metadata.fingerprint}`, { info })).status).toBe(404)
    expect((await ask(server, 'POST', '/1.0/images', { body: archive, info })).status).toBe(403)
    expect((await ask(server, 'POST', '/1.0/images?project=own', { body: archive, info })).status).toBe(202)
    expect((await ask(server, 'GET', '/1.0/images/aliases?project=own', { info })).status).toBe(200)
  })
})
