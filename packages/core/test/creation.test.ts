import { describe, expect, test } from 'vitest'
import { createClient, isHyperkitError, OperationError, OutcomeUnknownError } from '../src/index.ts'
import {
  failure,
  json,
  lxdServer,
  operation,
  type Said,
  scriptedTransport,
  sync,
} from './scripted-transport.ts'

const fingerprint = 'a1'.repeat(32)
const source = { kind: 'unified', open: () => new Blob(['image']).stream() } as const
const begun = (): Response =>
  json(
    { type: 'async', operation: '/1.0/operations/1', metadata: operation('Running', 103) },
    { status: 202 },
  )
const crash = 'Operation exited uncleanly or was unable to report its status'

/** A server without the image until it is sent. */
function serverThat(answers: {
  end: Record<string, unknown>
  image?: () => Response
  content?: () => Response
  members?: unknown[]
}) {
  let isSent = false
  const transport = scriptedTransport(({ method, path }: Said) => {
    const environment = { ...lxdServer.environment, server_clustered: answers.members !== undefined }
    if (path === '/1.0') return sync({ ...lxdServer, environment })
    if (path.startsWith('/1.0/cluster/members')) return sync(answers.members)
    if (method === 'POST') {
      isSent = true
      return begun()
    }
    if (path.startsWith('/1.0/operations/')) return sync(answers.end)
    if (path.endsWith('/export')) return answers.content?.() ?? new Response('i', { status: 206 })
    return isSent && answers.image ? answers.image() : failure(404, 'Image not found')
  })
  return createClient({ transport })
}

const there = (): Response => sync({ fingerprint })
const lost = (): Response => failure(404, 'open /var/snap/x: no such file or directory')

async function upload(client: ReturnType<typeof createClient>, warnings: string[] = []): Promise<unknown> {
  const onWarning = (message: string): void => void warnings.push(message)
  return client.images.upload(source, { fingerprint, onWarning }).catch((error: unknown) => error)
}

describe('creations that the server reports as failed', () => {
  const syncing = 'Failed syncing image between nodes: Failed copying image to "10.1.0.8:8443": Forbidden'
  const end = operation('Failure', 400, { err: syncing, metadata: { fingerprint } })

  test('a failed creation is a success with a warning if that image is there and complete', async () => {
    const warnings: string[] = []
    expect(await upload(serverThat({ end, image: there }), warnings)).toMatchObject({ fingerprint })
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(
      /Failed syncing image .*; image (a1)+ is complete on the server nevertheless$/,
    )
  })

  test('the warning about a creation that a cluster reports as failed names the member without a copy', async () => {
    const [first, second] = [1, 2].map((n) => ({
      server_name: `m${n}`,
      url: `https://10.1.0.${n + 6}:8443`,
      status: 'Online',
      message: 'Fully operational',
      roles: [],
      architecture: 'x86_64',
    }))
    const warnings: string[] = []
    await upload(serverThat({ end, image: there, members: [first, second] }), warnings)
    expect(warnings[0]).toMatch(
      /is complete on the server nevertheless, without a copy on member "m2" \(https:\/\/10\.1\.0\.8:8443\)$/,
    )
  })

  test('a failed creation is a failure if the image is there without its content', async () => {
    const error = await upload(serverThat({ end, image: there, content: lost }))
    expect(isHyperkitError(error, 'operation-failed')).toBe(true)
    expect(String(error)).toContain(syncing)
  })

  test('a failed creation is a failure if the image is not there', async () => {
    const error = await upload(serverThat({ end }))
    expect(isHyperkitError(error, 'operation-failed')).toBe(true)
  })

  test('a failed creation keeps the server’s own words if looking for the image fails too', async () => {
    const error = await upload(serverThat({ end, image: () => failure(503, 'busy') }))
    expect(error).toBeInstanceOf(OperationError)
    expect(String(error)).toContain(`${syncing}; looking for image ${fingerprint} failed too: `)
  })

  test('a failed creation is a failure even if its error code is 200', async () => {
    const failed = operation('Failure', 400, { err: 'refused', err_code: 200 })
    expect(isHyperkitError(await upload(serverThat({ end: failed })), 'operation-failed')).toBe(true)
  })
})

describe('creations during which the server was killed', () => {
  const end = operation('Failure', 400, { err: crash, err_code: 500 })

  test('an interrupted creation is a success if the image is there', async () => {
    expect(await upload(serverThat({ end, image: there }))).toMatchObject({ fingerprint })
  })

  test('an interrupted creation has an unknown outcome if the image is not there', async () => {
    const error = await upload(serverThat({ end }))
    expect(error).toBeInstanceOf(OutcomeUnknownError)
    expect(String(error)).toContain('the image was not there afterwards')
  })

  test('an interrupted creation has an unknown outcome if looking for the image fails', async () => {
    const error = await upload(serverThat({ end, image: () => failure(500, 'no database') }))
    expect(error).toBeInstanceOf(OutcomeUnknownError)
    expect(String(error)).toMatch(/looking for the image failed \(.*no database/)
    expect((error as Error).cause).toBeInstanceOf(OutcomeUnknownError)
  })
})

describe('cancelled creations', () => {
  const end = operation('Cancelled', 401, { err: 'context canceled', metadata: { fingerprint } })

  test('the error of a cancelled creation says that its image is there', async () => {
    const error = await upload(serverThat({ end, image: there }))
    expect(isHyperkitError(error, 'operation-cancelled')).toBe(true)
    expect(String(error)).toContain(`image ${fingerprint} is there; delete it`)
  })

  test('the error of a cancelled creation does not mention an image that is not there', async () => {
    const error = await upload(serverThat({ end }))
    expect(isHyperkitError(error, 'operation-cancelled')).toBe(true)
    expect(String(error)).not.toContain('delete it')
  })
})

describe('aborted creations', () => {
  const cancelled = operation('Cancelled', 401, { err: 'context canceled', metadata: { fingerprint } })

  /** Aborts when the operation is waited for. */
  async function abort(end: Record<string, unknown>, image?: () => Response): Promise<unknown[]> {
    const aborting = new AbortController()
    const warnings: string[] = []
    let isSent = false
    const transport = scriptedTransport(({ method, path }: Said) => {
      if (path === '/1.0') return sync(lxdServer)
      if (method === 'POST') {
        isSent = true
        return begun()
      }
      if (path.includes('/wait')) aborting.abort(new Error('enough'))
      if (path.startsWith('/1.0/operations/')) return sync(end)
      return isSent && image ? image() : failure(404, 'Image not found')
    })
    const options = {
      fingerprint,
      signal: aborting.signal,
      onWarning: (message: string) => void warnings.push(message),
    }
    const error = await createClient({ transport })
      .images.upload(source, options)
      .catch((reason: Error) => reason.message)
    return [error, ...warnings]
  }

  test('an aborted creation rejects with the reason and warns of an image that stays', async () => {
    expect(await abort(cancelled, there)).toEqual([
      'enough',
      expect.stringMatching(
        /^The request to upload the image to ".*" was aborted, but image (a1)+ stays there/,
      ),
    ])
  })

  test('an aborted creation does not warn if the image is not there or the operation names none', async () => {
    expect(await abort(cancelled)).toEqual(['enough'])
    expect(await abort(operation('Running', 103), there)).toEqual(['enough'])
    expect(await abort(cancelled, () => failure(500, 'no database'))).toEqual(['enough'])
  })
})
