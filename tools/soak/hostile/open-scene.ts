import { createTransport } from '@hyperkit/connect'
import { type Client, createClient } from '@hyperkit/core'
import { createImageServer, type DialectName } from '@hyperkit/embedded'
import { createAnswers, type Truth } from './create-answers.ts'
import type { Fault } from './faults.ts'
import type { Fixtures, MadeImage } from './fixtures.ts'
import { serveRaw } from './serve-raw.ts'
import { spoilAnswer } from './spoil-answer.ts'
import { spoilEvents } from './spoil-events.ts'

/** Which answers of the server are spoiled, and how. */
export interface Attack {
  dialect: DialectName
  faults: readonly Fault[]
  /** The answer that is spoiled, from 0; or every answer. */
  at: number | 'every'
}

/** A hostile server, a server that tells the truth, and clients of both. */
export interface Scene extends Fixtures {
  url: string
  attack: Attack
  /** A client of the hostile server. */
  client: Client
  /** A client of another server, which has no image. */
  honest: Client
  /** The address of the honest server. */
  honestUrl: string
  signal: AbortSignal
  /** Requests that the hostile server got. */
  requests: string[]
}

/** Milliseconds that a silent server gets. */
const answerTimeout = 250

/** Opens everything for one call. */
export async function openScene(
  fixtures: Fixtures,
  attack: Attack,
  signal: AbortSignal,
): Promise<{ scene: Scene; close(): Promise<void> }> {
  const behind = createImageServer({
    dialect: attack.dialect,
    instances: [{ name: 'web1', snapshots: ['before'] }],
  })
  const honest = createImageServer({ dialect: attack.dialect })
  const listening = await honest.listen({ http: { host: '127.0.0.1', port: 0, trust: 'admin' } })
  const inside = createClient({
    transport: {
      origin: 'http://behind',
      name: 'behind',
      fetch: (input, init) => behind.fetch(new Request(input, init as RequestInit)),
    },
  })
  await upload(inside, fixtures.unified, 'unified')
  await upload(inside, fixtures.split, 'split')
  const requests: string[] = []
  const truth: Truth = { server: behind, fixtures, url: '', token: undefined }
  const answers = createAnswers(truth)
  const raw = await serveRaw(async (request) => {
    const isSpoiled = attack.at === 'every' || attack.at === requests.length
    const faults = isSpoiled ? attack.faults : []
    requests.push(`${request.method} ${request.target}`)
    if (request.headers.get('upgrade') === 'websocket') return spoilEvents(request, faults)
    return spoilAnswer(await answers(request), faults)
  })
  truth.url = raw.url
  const client = createClient({
    transport: await createTransport({ url: raw.url, name: 'edge1' }),
    answerTimeout,
  })
  const other = createClient({ transport: await createTransport({ url: listening.url }) })
  const scene: Scene = {
    ...fixtures,
    url: raw.url,
    attack,
    client,
    honest: other,
    honestUrl: listening.url,
    signal,
    requests,
  }
  return {
    scene,
    async close() {
      client.close()
      other.close()
      await raw.close()
      await behind.close()
      await honest.close()
    },
  }
}

async function upload(client: Client, image: MadeImage, alias: string): Promise<void> {
  const file = (bytes: Buffer | undefined, filename: string) => ({
    open: () => new Blob([bytes as Uint8Array<ArrayBuffer>]).stream(),
    filename,
  })
  const [first, second] = image.bytes
  const source =
    second === undefined
      ? ({ kind: 'unified', ...file(first, 'image.tar.gz') } as const)
      : ({
          kind: 'split',
          metadata: file(first, 'meta.tar.gz'),
          rootfs: file(second, 'rootfs.tar.gz'),
        } as const)
  await client.images.upload(source, {
    fingerprint: image.fingerprint,
    public: true,
    properties: { 'hyperkit.manifest': 'hostile', 'hyperkit.image': alias },
    aliases: [{ name: alias, description: '[hyperkit: hostile]' }],
  })
}
