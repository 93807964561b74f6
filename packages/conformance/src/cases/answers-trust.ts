import { deepEqual, equal, ok } from 'node:assert/strict'
import { sign } from 'node:crypto'
import { fillWords, foretell, openAsk, tell } from '../harness/ask.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { meet } from '../harness/meet.ts'

const topic = 'answers: trust'

export const cases: ConformanceCase[] = [
  {
    name: 'a trust token describes its request in the fields of this version',
    topic,
    async run(context) {
      const { spoken, unique } = context
      const ask = await openAsk(context)
      const json = { type: 'client', name: unique('newcomer'), token: true }
      const { metadata: token, operation } = await ask('POST', '/1.0/certificates', { json })
      context.cleanup(() => ask('DELETE', operation))
      equal(token.description, spoken.trustTokenDescription)
      const { request } = token.metadata
      const common = ['certificate', 'name', 'projects', 'restricted', 'token', 'type']
      deepEqual(Object.keys(request).sort(), [...common, ...Object.keys(spoken.tokenRequest)].sort())
      for (const [key, value] of Object.entries(spoken.tokenRequest)) equal(request[key], value)
      equal('expiresAt' in token.metadata, spoken.trustTokenExpires)
    },
  },
  {
    name: 'the server accepts a trust token in the fields of this version and refuses it in others',
    topic,
    async run(context) {
      const { client, spoken, unique } = context
      for (const field of ['password', 'trust_token'] as const) {
        const name = unique(field.replace('_', '-'))
        const { token } = await client.certificates.createToken(name)
        const { certificate } = await meet(context)
        const ask = await openAsk(context, { certificate })
        const json = { type: 'client', name, [field]: token }
        const refusal = (field === 'password' && spoken.passwordRefusal) || {
          status: 403,
          words: spoken.forbidden,
        }
        const isTaken = spoken.tokenFields.includes(field)
        equal(
          tell(await ask('POST', '/1.0/certificates', { json })),
          foretell(isTaken ? undefined : refusal, '', '201'),
          field,
        )
      }
    },
  },
  {
    name: 'T63: an already trusted client gets this version’s answer, and its token is used up or kept',
    topic,
    async run(context) {
      const { client, spoken, unique } = context
      const { token, operation } = await client.certificates.createToken(unique('twice'))
      const ask = await openAsk(context)
      const json = { type: 'client', [spoken.tokenFields.at(-1) ?? '']: token }
      equal(tell(await ask('POST', '/1.0/certificates', { json })), foretell(spoken.alreadyTrusted))
      const after = await ask('GET', `/1.0/operations/${operation.id}`)
      equal(after.metadata?.status === 'Running', !spoken.trustedClientBurnsToken)
      await ask('DELETE', `/1.0/operations/${operation.id}`)
    },
  },
  {
    name: 'T63: a certificate name that is taken is accepted or refused, depending on the version',
    topic,
    async run(context) {
      const { client, spoken, unique } = context
      const name = unique('namesake')
      const enrol = async (): Promise<string> => {
        const { token } = await client.certificates.createToken(name)
        const { certificate } = await meet(context)
        const ask = await openAsk(context, { certificate })
        const json = { type: 'client', [spoken.tokenFields.at(-1) ?? '']: token }
        return tell(await ask('POST', '/1.0/certificates', { json }))
      }
      equal(await enrol(), '201')
      equal(await enrol(), foretell(spoken.certificateNameTaken, '', '201'))
    },
  },
  {
    name: 'the server accepts a certificate as base64 only or also as PEM, with or without a description, depending on the version',
    topic,
    async run(context) {
      const { spoken, unique } = context
      const ask = await openAsk(context)
      const [one, other] = [(await meet(context)).certificate, (await meet(context)).certificate]
      const add = async (certificate: string): Promise<string> =>
        tell(
          await ask('POST', '/1.0/certificates', {
            json: { type: 'client', name: unique('added'), certificate },
          }),
        )
      equal(await add(one.base64), '201')
      equal(
        await add(other.cert),
        spoken.acceptsPemCertificates ? '201' : '400 illegal base64 data at input byte 0',
      )
      const { metadata } = await ask('GET', `/1.0/certificates/${one.fingerprint}`)
      equal('description' in metadata, spoken.certificateDescription)
    },
  },
  {
    name: 'T31: the server accepts a token signed with a trusted certificate’s key in the forms of this version, or never',
    topic,
    async run(context) {
      const { client, spoken, unique } = context
      const { certificate } = await meet(context)
      await client.certificates.create(unique('signer'), { certificate: certificate.cert })
      const exp = Math.floor(Date.now() / 1000) + 600
      const sub = certificate.fingerprint
      const stranger = await openAsk(context, { certificate: null })
      const asHeader = async (token: string): Promise<string> =>
        (await stranger('GET', '/1.0', { headers: { authorization: `Bearer ${token}` } })).metadata.auth
      const asGo = signToken(certificate.key, { sub, exp })
      const [seen, other] = [await asHeader(asGo), await asHeader(signToken(certificate.key, { exp, sub }))]
      const known = { none: [false, false], rewritten: [true, false], 'as-sent': [true, true] }
      deepEqual([seen === 'trusted', other === 'trusted'], known[spoken.certificateTokens])
      const { metadata } = await stranger('GET', `/1.0?access_token=${asGo}`)
      equal(metadata.auth === 'trusted', spoken.accessTokenQuery)
    },
  },
  {
    name: 'invalid groups and used identity tokens are refused in this version’s words',
    topic,
    needs: ['fine-grained'],
    async run(context) {
      const { spoken, unique } = context
      const ask = await openAsk(context)
      const [name, group, absent] = [unique('identity'), unique('group'), unique('absent')]
      const tls = '/1.0/auth/identities/tls'
      const json = { name: group, permissions: [] }
      equal(tell(await ask('POST', '/1.0/auth/groups', { json })), '201')
      context.cleanup(() => ask('DELETE', `/1.0/auth/groups/${group}`))
      equal(
        tell(await ask('POST', '/1.0/auth/groups', { json })),
        `409 ${fillWords(spoken.duplicateGroup, group)}`,
      )
      equal(tell(await ask('GET', `/1.0/auth/groups/${absent}`)), `404 ${spoken.missingGroup}`)
      equal(
        tell(await ask('POST', tls, { json: { name, token: true, groups: [absent] } })),
        `404 ${fillWords(spoken.unknownGroups, `"${absent}"`)}`,
      )
      const made = await ask('POST', tls, { json: { name, token: true, groups: [] } })
      context.cleanup(() => ask('DELETE', `${tls}/${name}`))
      const pending = made.headers.get('location')?.split('/').pop()
      const trustToken = { trust_token: btoa(JSON.stringify(made.metadata)) }
      const first = await meet(context)
      const enrol = await openAsk(context, { certificate: first.certificate })
      const enrolled = await enrol('POST', tls, { json: trustToken })
      equal(tell(enrolled), '201')
      const shown = { fingerprint: first.certificate.fingerprint, 'pending-id': pending }
      equal(enrolled.headers.get('location')?.split('/').pop(), shown[spoken.enrolledLocation])
      const second = await openAsk(context, { certificate: (await meet(context)).certificate })
      equal(
        tell(await second('POST', tls, { json: trustToken })),
        `500 Failed during search for pending TLS identity: ${spoken.usedIdentityToken}`,
      )
      const { metadata } = await ask('GET', `${tls}/${name}`)
      equal('expires_at' in metadata, spoken.identityExpiry === 'all')
    },
  },
  {
    name: 'a bearer identity sees when its token expires, if this version shows that',
    topic,
    needs: ['bearer-tokens'],
    async run(context) {
      const { spoken, unique } = context
      const ask = await openAsk(context)
      const path = '/1.0/auth/identities/bearer'
      const name = unique('bearer')
      await ask('POST', path, { json: { name, type: 'Client token bearer', groups: [] } })
      context.cleanup(() => ask('DELETE', `${path}/${name}`))
      const { metadata } = await ask('POST', `${path}/${name}/token`, { json: { expiry: '1d' } })
      const own = await openAsk(context, { token: metadata.token })
      const current = await own('GET', '/1.0/auth/identities/current')
      equal('expires_at' in current.metadata, spoken.identityExpiry !== 'none')
      ok(spoken.bearerIdentities)
    },
  },
]

/** A JWT of claims in this order, signed with a P-384 key. */
function signToken(key: string, claims: object): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${encode({ alg: 'ES384', typ: 'JWT' })}.${encode(claims)}`
  const signature = sign('sha384', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
  return `${text}.${signature.toString('base64url')}`
}
