import { deepEqual, equal, ok } from 'node:assert/strict'
import { foretell, openAsk, tell } from '../harness/ask.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { enrolRestricted } from '../harness/meet.ts'
import { tellHandshake } from '../harness/open-messages.ts'

const topic = 'answers: requests'

export const cases: ConformanceCase[] = [
  {
    name: 'an unknown path, a forbidden request and an unimplemented method are answered in this version’s words',
    topic,
    async run(context) {
      const { spoken } = context
      const [ask, stranger] = [await openAsk(context), await openAsk(context, { certificate: null })]
      equal(tell(await ask('GET', '/1.0/no-such-thing')), `404 ${spoken.notFound}`)
      equal(tell(await stranger('GET', '/1.0/operations')), `403 ${spoken.forbidden}`)
      equal(tell(await ask('PATCH', '/1.0/images', { json: {} })), `501 ${spoken.notImplemented}`)
    },
  },
  {
    name: 'T42: a path with an empty segment is unknown or redirected, depending on the version',
    topic,
    async run(context) {
      const ask = await openAsk(context)
      const { status, headers } = await ask('GET', '/1.0//images?recursion=1')
      const expected = context.spoken.redirectsUncleanPaths ? [307, '/1.0/images?recursion=1'] : [404, null]
      deepEqual([status, headers.get('location')], expected)
    },
  },
  {
    name: 'T32: a path below an image leads to the image or to nothing, depending on the version',
    topic,
    async run(context) {
      const { fingerprint } = await context.uploaded()
      const ask = await openAsk(context)
      const { status } = await ask('GET', `/1.0/images/${fingerprint}/x/y`)
      equal(status, context.spoken.belowImageIsImage ? 200 : 404)
    },
  },
  {
    name: 'instances have the old path /1.0/containers or only the new one, depending on the version',
    topic,
    async run(context) {
      const ask = await openAsk(context)
      equal((await ask('GET', '/1.0/containers')).status, context.spoken.containersPath ? 200 : 404)
    },
  },
  {
    name: 'T41: a request body of more than 1 MiB is accepted or refused, depending on the version',
    topic,
    async run(context) {
      const { fingerprint } = await context.uploaded()
      const ask = await openAsk(context)
      const json = { properties: { big: 'x'.repeat(1_100_000) } }
      const refused = context.spoken.maxBody !== undefined
      const told = async (method: string) => tell(await ask(method, `/1.0/images/${fingerprint}`, { json }))
      equal(await told('PUT'), refused ? '400 http: request body too large' : '200')
      equal(await told('PATCH'), refused ? '500 http: request body too large' : '200')
    },
  },
  {
    name: 'the server refuses all cross-site requests of a browser, or only those that would change something',
    topic,
    async run(context) {
      const ask = await openAsk(context)
      const headers = { 'sec-fetch-site': 'cross-site' }
      const refusal = '403 Forbidden Sec-Fetch-Site header value'
      const read = context.spoken.crossSiteRefused === 'all' ? refusal : '200'
      equal(tell(await ask('GET', '/1.0/images', { headers })), read)
      equal(tell(await ask('DELETE', '/1.0/images/x', { headers })), refusal)
    },
  },
  {
    name: 'GET /1.0 shows an untrusted client the fields of this version',
    topic,
    async run(context) {
      const { spoken } = context
      const { metadata } = await (await openAsk(context, { certificate: null }))('GET', '/1.0')
      const expected = ['api_extensions', 'api_status', 'api_version', 'auth', 'auth_methods', 'public']
      if (spoken.untrustedConfig !== undefined) expected.push('config')
      if (spoken.showsClientCertificate) expected.push('client_certificate')
      deepEqual(Object.keys(metadata).sort(), expected.sort())
      deepEqual(metadata.config, spoken.untrustedConfig)
      deepEqual(metadata.auth_methods, spoken.authMethods)
      equal(metadata.api_extensions === null, spoken.hidesExtensions)
      const { untrustedCertificate } = context.target.server
      const known = await (await openAsk(context, { certificate: untrustedCertificate }))('GET', '/1.0')
      const shown = spoken.showsClientCertificate ? [false, true] : [undefined, undefined]
      deepEqual([metadata.client_certificate, known.metadata.client_certificate], shown)
    },
  },
  {
    name: 'GET /1.0 shows a trusted client the version, extensions and product name of this version',
    topic,
    async run(context) {
      const { spoken } = context
      const ask = await openAsk(context)
      const { metadata } = await ask('GET', '/1.0')
      const { server, server_version: version, server_lts: lts } = metadata.environment
      deepEqual([server, version, lts], [spoken.kind, spoken.serverVersion, spoken.serverLts])
      const missing = spoken.apiExtensions.filter((name) => !metadata.api_extensions.includes(name))
      deepEqual(missing, [])
      const user = spoken.showsUser ? 'tls' : undefined
      deepEqual([metadata.auth_user_method, 'auth_user_name' in metadata], [user, spoken.showsUser])
      const project = await ask('GET', '/1.0/projects/default')
      equal(project.metadata.description, `Default ${spoken.productName} project`)
    },
  },
  {
    name: 'GET /1.0 hides the configuration from a client restricted to one project',
    topic,
    async run(context) {
      const { certificate } = await enrolRestricted(context, [await context.makeProject()])
      const { metadata } = await (await openAsk(context, { certificate }))('GET', '/1.0')
      deepEqual(metadata.config, context.spoken.limitedConfig)
      ok(metadata.environment)
    },
  },
  {
    name: 'the handshake for events refuses an unknown event type and an unknown project',
    topic,
    async run(context) {
      const { spoken, unique } = context
      const refused = (type: string) => foretell(spoken.unknownEventType, type)
      for (const type of ['operation', 'lifecycle', 'logging', 'network-acl', 'security', 'nonsense'])
        equal(
          await tellHandshake(context, `type=${type}`),
          spoken.eventTypes.includes(type) ? '200' : refused(type),
        )
      equal(await tellHandshake(context, `project=${unique('absent')}`), foretell(spoken.unknownEventProject))
    },
  },
]
