import { deepEqual, equal, match, ok } from 'node:assert/strict'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { meet } from '../harness/meet.ts'

const topic = 'certificates'

export const cases: ConformanceCase[] = [
  {
    name: 'a trust token makes one new client trusted, once',
    topic,
    async run(context) {
      const { client, unique } = context
      const name = unique('newcomer')
      const { token } = await client.certificates.createToken(name)
      const { certificate, client: newcomer } = await meet(context)
      equal((await newcomer.server()).trusted, false)
      await newcomer.certificates.create(name, { token })
      equal((await newcomer.server({ fresh: true })).trusted, true)
      ok(await newcomer.operations.list())
      const known = (await client.certificates.list()).find(
        (one) => one.fingerprint === certificate.fingerprint,
      )
      deepEqual([known?.name, known?.type, known?.restricted], [name, 'client', false])
      const { client: second } = await meet(context)
      await expectError(second.certificates.create(unique('second'), { token }), 'not-authorized')
      equal((await second.server({ fresh: true })).trusted, false)
    },
  },
  {
    name: 'a malformed trust token is refused',
    topic,
    async run(context) {
      const { client: newcomer } = await meet(context)
      const token = btoa(JSON.stringify({ client_name: 'x', fingerprint: 'ab', addresses: [], secret: 'cd' }))
      await expectError(newcomer.certificates.create(context.unique('x'), { token }), 'not-authorized')
    },
  },
  {
    name: 'a cancelled trust token makes no client trusted',
    topic,
    async run(context) {
      const { client, unique } = context
      const name = unique('unwanted')
      const { token, operation } = await client.certificates.createToken(name)
      await operation.cancel()
      const { client: newcomer } = await meet(context)
      await expectError(newcomer.certificates.create(name, { token }), 'not-authorized')
    },
  },
  {
    name: 'the trust password makes a new client trusted',
    topic,
    needs: ['trust-password'],
    async run(context) {
      const { target, unique } = context
      const { client: newcomer } = await meet(context)
      const name = unique('password')
      await newcomer.certificates.create(name, { password: target.server.trustPassword ?? '' })
      equal((await newcomer.server({ fresh: true })).trusted, true)
    },
  },
  {
    name: 'a wrong trust password makes no client trusted, and a server without trust passwords is reported as such',
    topic,
    async run(context) {
      const { expected, unique } = context
      const { client: newcomer } = await meet(context)
      const enrol = newcomer.certificates.create(unique('stranger'), { password: 'any' })
      const { code, says } = expected.passwordRefusal
      match((await expectError(enrol, code)).message, says)
      equal((await newcomer.server({ fresh: true })).trusted, false)
    },
  },
  {
    name: 'an identity token makes one new client a fine-grained identity, once',
    topic,
    needs: ['fine-grained'],
    async run(context) {
      const { client, cleanup, unique } = context
      const name = unique('identity')
      const path = `/1.0/auth/identities/tls/${name}`
      const token = await client.certificates.createIdentityToken(name)
      cleanup(() => client.request({ method: 'DELETE', path }))
      const { client: newcomer } = await meet(context)
      equal((await newcomer.server()).trusted, false)
      await newcomer.certificates.create(name, { token })
      equal((await newcomer.server()).trusted, true)
      const { client: second } = await meet(context)
      await expectError(second.certificates.create(name, { token }), 'server-error')
    },
  },
  {
    name: 'a bearer token is created with its identity, has the permissions of its groups, and expires',
    topic,
    needs: ['bearer-tokens'],
    async run({ client, connect, cleanup, unique }) {
      const [group, name] = [unique('group'), unique('a b/c')]
      const auth = (method: 'POST' | 'DELETE', path: string, json?: unknown) =>
        client.request({ method, path: `/1.0/auth/${path}`, ...(json === undefined ? {} : { json }) })
      const permissions = [{ entity_type: 'project', url: '/1.0/projects/default', entitlement: 'viewer' }]
      await auth('POST', 'groups', { name: group, permissions })
      cleanup(() => auth('DELETE', `groups/${group}`))
      const before = Date.now()
      const made = await client.certificates.createBearerToken(name, { groups: [group], expiry: '1d 1H' })
      cleanup(() => auth('DELETE', `identities/bearer/${encodeURIComponent(name)}`))
      const after = (made.expiresAt?.getTime() ?? 0) - before
      ok(after > 89_000_000 && after < 91_000_000, `${after}`)
      const guest = await connect({ token: made.token })
      equal((await guest.server()).trusted, true)
      equal((await guest.view()).sees, 'everything')
      await expectError(guest.certificates.createBearerToken(unique('other')), 'not-authorized')
      const taken = await expectError(client.certificates.createBearerToken(name), 'already-exists')
      match(taken.message, /choose another name, or have lxc issue a new token/)
    },
  },
  {
    name: 'a bearer identity is removed if its token cannot be issued',
    topic,
    needs: ['bearer-tokens'],
    async run({ client, unique }) {
      const name = unique('nobody')
      for (const expiry of ['2h', '1d 1d', '0d', ''])
        await expectError(client.certificates.createBearerToken(name, { expiry }), 'invalid-argument')
      await expectError(
        client.certificates.createBearerToken(name, { groups: [unique('nowhere')] }),
        'not-found',
      )
      const path = `/1.0/auth/identities/bearer/${name}`
      await expectError(client.request({ method: 'GET', path }), 'not-found')
      // A year that is too late for a token: Go fails after the identity was created.
      await expectError(
        client.certificates.createBearerToken(name, { expiry: `${'9'.repeat(30)}y` }),
        'server-error',
      )
      await expectError(client.request({ method: 'GET', path }), 'not-found')
    },
  },
  {
    name: 'a bearer token is issued, or refused with the alternatives that the server has',
    topic,
    async run({ client, cleanup, expected, unique }) {
      const name = unique('asked')
      const issued = client.certificates.createBearerToken(name)
      if (expected.bearerTokens === 'issued') {
        const year = new Date().getFullYear()
        equal((await issued).expiresAt?.getFullYear(), year + 10)
        cleanup(() => client.request({ method: 'DELETE', path: `/1.0/auth/identities/bearer/${name}` }))
      } else match((await expectError(issued, 'unsupported')).message, expected.bearerTokens)
    },
  },
  {
    name: 'an administrator can trust a certificate and remove it again',
    topic,
    async run(context) {
      const { client, unique } = context
      const { certificate, client: friend } = await meet(context)
      await client.certificates.create(unique('friend'), { certificate: certificate.cert })
      equal((await friend.server()).trusted, true)
      await client.certificates.delete(certificate.fingerprint)
      equal((await friend.server({ fresh: true })).trusted, false)
      await expectError(client.certificates.delete(certificate.fingerprint), 'not-found')
    },
  },
  {
    name: 'a certificate restricted to one project sees only that project',
    topic,
    async run(context) {
      const { client, unique, imageFile, uploaded, makeProject } = context
      const project = await makeProject()
      const inside = await imageFile()
      await client.images.upload(inside.source, { fingerprint: inside.fingerprint, project })
      const outside = await uploaded()
      const name = unique('restricted')
      const { token } = await client.certificates.createToken(name, { projects: [project] })
      const { certificate, client: guest } = await meet(context)
      await guest.certificates.create(name, { token })
      const known = (await client.certificates.list()).find(
        (one) => one.fingerprint === certificate.fingerprint,
      )
      deepEqual([known?.restricted, known?.projects], [true, [project]])
      deepEqual(await guest.project(project).images.fingerprints(), [inside.fingerprint])
      ok(!(await guest.images.fingerprints()).includes(outside.fingerprint))
      const file = await imageFile()
      const upload = guest.images.upload(file.source, { project: 'default' })
      await expectError(upload, 'not-authorized')
    },
  },
]
