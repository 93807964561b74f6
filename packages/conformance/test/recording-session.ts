import { type Client, isHyperkitError } from '@hyperkit/core'
import type { UnifiedSource } from '@hyperkit/core/parts'
import { hashBytes, readBytes } from '../src/harness/read-bytes.ts'

export interface Given {
  /** A client that the server trusts. */
  client: Client
  /** A client that the server does not know. */
  newcomer: Client
  source: UnifiedSource
  fingerprint: string
  broken: UnifiedSource
  name: string
  /** Called with each secret that must not be in a recording. */
  onSecret(secret: string): void
}

/** A session with one call of every kind; returns all results. */
export async function speak({ client, newcomer, source, fingerprint, broken, name, onSecret }: Given) {
  const heard: string[] = []
  const events = client.events({ types: ['lifecycle'] })
  await events.next()
  const listening = (async () => {
    for await (const event of events) {
      if (event.type === 'connected') continue
      // Other clients may use the server too.
      if (!String(event.metadata.source).includes(name)) continue
      heard.push(String(event.metadata.action))
      return
    }
  })()
  const before = await client.images.fingerprints()
  const image = await client.images.upload(source, { fingerprint, properties: { os: 'tape' } })
  await client.aliases.set(name, { target: fingerprint, description: 'recorded' })
  await listening
  const exported = await client.images.export(fingerprint)
  const bytes = exported.kind === 'unified' ? await readBytes(exported.body) : new Uint8Array()
  const failure = await codeOf(client.images.upload(broken))
  const missing = await codeOf(client.images.getByAlias(`${name}-missing`))

  const { secret } = await client.images.createSecret(fingerprint)
  onSecret(secret)
  const shown = await newcomer.images.get(fingerprint, { secret })
  const refused = await codeOf(newcomer.images.get(fingerprint))
  const { token } = await client.certificates.createToken(name)
  onSecret(token)
  onSecret((JSON.parse(atob(token)) as { secret: string }).secret)
  await newcomer.certificates.create(name, { token })
  const { trusted } = await newcomer.server({ fresh: true })
  const wrong = await codeOf(newcomer.certificates.create(`${name}-2`, { password: 'correct horse battery' }))
  onSecret('correct horse battery')

  const found = await client.images.getByAlias(name)
  await client.images.delete(fingerprint)
  return {
    before,
    image,
    heard,
    exported: hashBytes(bytes),
    failure,
    missing,
    shown: shown.properties,
    refused,
    trusted,
    wrong,
    found,
    left: await client.images.fingerprints(),
  }
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'it worked'
  } catch (error) {
    return isHyperkitError(error) ? `${error.code}: ${error.message}` : String(error)
  }
}
