import { createSelfSignedCertificate } from '@hyperkit/connect'
import { createClient, isHyperkitError } from '@hyperkit/core'
import { expect, test } from 'vitest'
import { failureOf, open, until } from './open-transport.ts'
import { echo, serveHttps } from './serve.ts'

const tomorrow = new Date(Math.ceil(Date.now() / 1000) * 1000 + 86_400_000)
const early = await createSelfSignedCertificate({ commonName: 'server', validFrom: tomorrow })

test.each([
  ['pinned by its fingerprint', { serverCertificate: early.fingerprint }],
  ['pinned as a whole', { serverCertificate: early.certificate }],
  ['an authority of its own', { certificateAuthority: early.certificate }],
  ['not known', {}],
])(
  'a certificate that is not yet valid and is %s is refused with its time and a question about clocks',
  async (_, trust) => {
    const served = await until(serveHttps(early, echo))
    const client = createClient({ transport: await open({ url: served.url, name: 'edge1', ...trust }) })
    const error = await failureOf(client.request({ method: 'GET', path: '/1.0' }))
    expect(isHyperkitError(error, 'certificate-rejected'), String(error)).toBe(true)
    expect(String(error)).toContain(
      `Cannot connect to "edge1": its certificate is not valid before ${tomorrow.toISOString()}, and the clock of this machine says`,
    )
  },
)
