import { Buffer } from 'node:buffer'
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { ArgumentError } from '@hyperkit/core'
import type { ClientCertificate } from './client-certificate.ts'

/**
 * The certificate and key as TLS takes them, with plain line ends. Without this check a runtime reports of a bad pair that the
 * server closed the connection, or it presents no certificate at all and the server sees a stranger.
 *
 * @param server how errors name it
 * @throws ArgumentError `invalid-configuration`, with the file and what to do
 */
export function checkClientCertificate(
  { cert, key, names }: ClientCertificate,
  server: string,
): { cert: string; key: string } {
  const [certName, keyName] =
    names === undefined ? ['clientCertificate.cert', 'clientCertificate.key'] : [names.cert, names.key]
  const refuse = (name: string, why: string, cause?: unknown): ArgumentError =>
    new ArgumentError('clientCertificate', `Cannot connect to "${server}" with "${name}": ${why}`, {
      code: 'invalid-configuration',
      cause,
    })
  const plain = (text: string, name: string, what: 'certificate' | 'private key'): string => {
    if (text.trim() === '') throw refuse(name, `it is empty; a ${what} in PEM format is needed`)
    const command = what === 'certificate' ? 'x509' : 'pkey'
    if (!text.includes('-----BEGIN '))
      throw refuse(
        name,
        `it is not PEM text; if it is DER, convert it: "openssl ${command} -inform DER -in FILE -out FILE.pem"`,
      )
    return text.replace(/\r\n?/g, '\n')
  }
  const pair = { cert: plain(cert, certName, 'certificate'), key: plain(key, keyName, 'private key') }
  const publicKey = read(
    () => new X509Certificate(pair.cert).publicKey,
    (cause) => refuse(certName, 'it contains no readable certificate; copy the whole file again', cause),
  )
  const own = read(
    () => createPublicKey(createPrivateKey(pair.key)),
    (cause) =>
      refuse(
        keyName,
        'it contains no readable private key; if the key is encrypted, decrypt it with "openssl pkey", else copy the whole file again',
        cause,
      ),
  )
  const bytes = (one: typeof own): Buffer => Buffer.from(one.export({ type: 'spki', format: 'der' }))
  if (!bytes(publicKey).equals(bytes(own)))
    throw refuse(
      keyName,
      `it does not belong to the certificate "${certName}"; use the key that was made with it`,
    )
  return pair
}

function read<T>(work: () => T, refusal: (cause: unknown) => Error): T {
  try {
    return work()
  } catch (cause) {
    throw refusal(cause)
  }
}
