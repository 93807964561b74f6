import { createSelfSignedCertificate } from '@hyperkit/connect'
import { describe, expect, test } from 'vitest'
import { createTransport } from '../src/index.ts'

const names = { cert: '/home/me/client.crt', key: '/home/me/client.key' }
const own = await createSelfSignedCertificate({ commonName: 'own' })
const other = await createSelfSignedCertificate({ commonName: 'other' })
const der = Buffer.from(own.certificate.replace(/-----[^-]+-----|\s/g, ''), 'base64').toString('utf8')

async function refusal(cert: string, key: string): Promise<Error & { code?: string }> {
  // Nothing listens there: a pair that passes the check fails as unreachable.
  const transport = await createTransport({
    url: 'https://127.0.0.1:9',
    serverCertificate: other.certificate,
    clientCertificate: { cert, key, names },
  })
  return transport.fetch('https://127.0.0.1:9/1.0').then(
    () => expect.unreachable(),
    (error: unknown) => error as Error,
  )
}

describe('a client certificate and its key', () => {
  test.each([
    ['an empty certificate', '', own.key, names.cert, 'it is empty'],
    ['an empty key', own.certificate, '\n', names.key, 'it is empty'],
    ['DER', der, own.key, names.cert, 'openssl x509 -inform DER'],
    ['a key in place of the certificate', own.key, own.key, names.cert, 'contains no readable certificate'],
    [
      'a certificate in place of the key',
      own.certificate,
      own.certificate,
      names.key,
      'contains no readable private key',
    ],
    [
      'half a certificate',
      own.certificate.slice(0, 200),
      own.key,
      names.cert,
      'contains no readable certificate',
    ],
    [
      'a certificate without its line ends',
      own.certificate.replaceAll('\n', ' '),
      own.key,
      names.cert,
      'contains no readable certificate',
    ],
    [
      'the key of another certificate',
      own.certificate,
      other.key,
      names.key,
      `the certificate "${names.cert}"`,
    ],
  ])('a pair with %s is refused, and the error names the file', async (_, cert, key, file, why) => {
    const error = await refusal(cert, key)
    expect(error).toMatchObject({ code: 'invalid-configuration', message: expect.stringContaining(why) })
    expect(error.message).toContain(`with "${file}"`)
  })

  test('a pair with the line ends of other systems is accepted', async () => {
    for (const end of ['\r\n', '\r']) {
      const error = await refusal(own.certificate.replaceAll('\n', end), own.key.replaceAll('\n', end))
      expect(error.message).not.toContain('client.')
      expect(error.code).not.toBe('invalid-configuration')
    }
  })
})
