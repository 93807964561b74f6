import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRecorderIfAsked, createTransport } from '@hyperkit/connect'
import { createClient } from '@hyperkit/core'
import { replay } from '@hyperkit/embedded'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeBrokenImage } from '../src/fixtures/make-broken-image.ts'
import { makeImageFile } from '../src/harness/image-files.ts'
import { openEmbeddedTarget } from '../src/harness/open-embedded-target.ts'
import { explainRealTarget, openRealTarget } from '../src/harness/open-real-target.ts'
import { streamFile } from '../src/harness/read-bytes.ts'
import type { Target } from '../src/harness/target.ts'
import { makeCertificate } from '../src/servers/make-certificate.ts'
import { removeFolder } from '../src/servers/remove-folder.ts'
import { type Given, speak } from './recording-session.ts'

interface Kind {
  name: string
  open: () => Promise<Target>
  absent: string | undefined
}

const kinds: Kind[] = [
  { name: 'embedded lxd-5.0', open: () => openEmbeddedTarget('lxd-5.0'), absent: undefined },
  { name: 'embedded incus-6.0', open: () => openEmbeddedTarget('incus-6.0'), absent: undefined },
  { name: 'lxd', open: () => openRealTarget('lxd'), absent: explainRealTarget('lxd') },
  { name: 'incus', open: () => openRealTarget('incus'), absent: explainRealTarget('incus') },
  { name: 'incus-7.0', open: () => openRealTarget('incus-7.0'), absent: explainRealTarget('incus-7.0') },
]

describe.each(kinds)('a session with $name', ({ open, absent }) => {
  let target: Target | undefined
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hk-tapes-'))
    target = absent === undefined ? await open() : undefined
  })
  afterAll(async () => {
    await target?.close()
    await removeFolder(folder)
  })

  test('a recorded session replays with the same results, and the recording contains no secret', async (context) => {
    if (target === undefined) return context.skip(absent ?? 'the server did not start')
    const { server } = target
    const tapes = join(folder, 'tapes')
    const secrets: string[] = []
    const newcomer = makeCertificate({ name: 'newcomer' })
    const own = { cert: newcomer.cert, key: newcomer.key }
    const common = { url: server.url, serverCertificate: server.serverCertificate }
    const environment = { HYPERKIT_RECORD: tapes, HYPERKIT_RECORD_KEEP: '5000000' }
    const trusted = { ...common, name: 'prod', clientCertificate: server.clientCertificate }
    const recorder = createRecorderIfAsked(environment)
    if (recorder === undefined) throw new Error('there is no recorder')
    const transports = [
      recorder.record(await createTransport(trusted)),
      recorder.record(await createTransport({ ...common, name: 'newcomer', clientCertificate: own })),
    ] as const
    const file = await makeImageFile({
      directory: folder,
      name: 'taped',
      seed: `${Math.random()}`,
      size: 200_000,
    })
    const bad = await makeBrokenImage({ directory: folder, kind: 'no-metadata' })
    const given: Omit<Given, 'client' | 'newcomer'> = {
      source: file.source,
      fingerprint: file.fingerprint,
      broken: { kind: 'unified', open: () => streamFile(bad.path), size: bad.size },
      name: `taped-${file.fingerprint.slice(0, 8)}`,
      onSecret: (secret) => void secrets.push(secret),
    }
    const [client, stranger] = transports.map((transport) => createClient({ transport }))
    if (!client || !stranger) throw new Error('there are two')
    const said = await speak({ ...given, client, newcomer: stranger })
    for (const transport of transports) transport.close?.()

    const [again, strangerAgain] = [
      await replay(tapes, { server: 'prod' }),
      await replay(tapes, { server: 'newcomer' }),
    ]
    const repeated = await speak({
      ...given,
      onSecret: () => undefined,
      client: createClient({ transport: again }),
      newcomer: createClient({ transport: strangerAgain }),
    })
    expect(repeated).toEqual(said)
    expect([...again.remaining(), ...strangerAgain.remaining()]).toEqual([])
    expect(said.heard).toEqual(['image-alias-created'])
    expect(said.exported).toBe(file.fingerprint)

    secrets.push(server.clientCertificate.key, newcomer.key, ...keyLines(newcomer.key))
    for (const name of await readdir(tapes)) {
      const text = await readFile(join(tapes, name), 'latin1')
      for (const secret of secrets) expect(text, name).not.toContain(secret)
    }
    expect(secrets.length).toBeGreaterThan(5)
  })
})

function keyLines(pem: string): string[] {
  return pem.split('\n').filter((line) => line.length > 20 && !line.includes('PRIVATE KEY'))
}
