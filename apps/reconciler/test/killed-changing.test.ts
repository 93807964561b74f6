import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { type Client, createClient, type Image, type Transport } from '@hyperkit/core'
import { createImageServer, type DialectName } from '@hyperkit/embedded'
import { uploadImage } from '@hyperkit/files'
import type { AuditLine } from '@hyperkit/reconcile'
import { openUploadNotes } from '@hyperkit/reconcile/parts'
import { afterAll, describe, expect, test } from 'vitest'
import { makeImage, makeSplitImage } from './make-image.ts'
import { reconcile } from './reconcile.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-killed-changing-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const isNode = !('deno' in process.versions || 'bun' in process.versions)

const manifest = join(cwd, 'images.yaml')
const file = join(cwd, 'image.tar.gz')
const split = { metadata: join(cwd, 'metadata.tar.gz'), rootfs: join(cwd, 'rootfs.tar.gz') }

/** How each source is made anew; an expiry that YAML readers read differently keeps the client from knowing what the image will have. */
const sources = {
  'a file': (content: string) => makeImage(file, content),
  'a file whose metadata are not known': (content: string) =>
    makeImage(file, content, 'expiry_date: +2000000000\n'),
  'two files': (content: string) => makeSplitImage(split, content),
}

function prepare(source: keyof typeof sources, content: string): void {
  sources[source](content)
  const files =
    source === 'two files' ? `metadata: ${split.metadata}, rootfs: ${split.rootfs}` : `file: ${file}`
  writeFileSync(
    manifest,
    `version: 1\nname: me\nservers: { it: { url: "https://127.0.0.1:1" } }\nimages:\n  - { name: app, source: { ${files} }, properties: { team: web }, keep: 1 }\n`,
  )
}

interface Killed {
  client: Client
  /** Resolves when it is gone. */
  gone: Promise<void>
  /** How many answers arrived. */
  answers(): number
}

/** A client that is gone after some answers: none of its later requests reaches the server, and none of its calls ends. */
function killAfter(limit: number, transport: Transport): Killed {
  let answers = 0
  let kill = (): void => {}
  const gone = new Promise<void>((resolve) => {
    kill = resolve
  })
  return {
    gone,
    answers: () => answers,
    client: createClient({
      transport: {
        ...transport,
        async fetch(input, init) {
          if (answers >= limit) {
            kill()
            return new Promise(() => {})
          }
          const answer = await transport.fetch(input, init)
          answers++
          return answer
        },
      },
    }),
  }
}

// The order of the requests is the same on every runtime.
const dialects: readonly DialectName[] = isNode ? ['lxd-6.9', 'incus-7.0'] : ['incus-7.0']

describe.each(dialects)('on %s', (dialect) => {
  const start = () => {
    const server = createImageServer({ dialect })
    const transport: Transport = {
      name: 'it',
      origin: 'http://it',
      fetch: (input, init) => server.fetch(new Request(input, { ...init, duplex: 'half' } as RequestInit)),
    }
    return { server, transport, client: createClient({ transport }) }
  }
  const isOwned = ({ properties }: Image): boolean => properties['hyperkit.manifest'] === 'me'

  /** Applies, is killed, and applies a version of the source; then everything on the server has an owner. */
  async function killAndGoOn(
    source: keyof typeof sources,
    limit: number,
    isRestarted: boolean,
    version: string,
  ): Promise<{ answers: number; left: number }> {
    const { server, transport, client } = start()
    prepare(source, 'one')
    const killed = killAfter(limit, transport)
    const notes = openUploadNotes('me', join(cwd, `${dialect}-notes`))
    await Promise.race([killed.gone, reconcile(manifest, killed.client, { notes })])
    if (isRestarted) await server.restart(true)
    for (const { id } of await client.operations.list())
      await client.operations.wait(id, { timeout: 1000 }).catch(() => undefined)
    const left = (await client.images.list()).filter((image) => !isOwned(image)).length
    prepare(source, version)
    expect([limit, await reconcile(manifest, client, { notes })]).toMatchObject([limit, { status: 'done' }])
    expect([limit, (await client.images.list()).filter((image) => !isOwned(image))]).toEqual([limit, []])
    const tokens = (await client.operations.list()).filter(
      ({ class: kind, state }) => kind === 'token' && state === 'running',
    )
    expect([limit, tokens]).toEqual([limit, []])
    expect([limit, readdirSync(join(cwd, `${dialect}-notes`))]).toEqual([limit, []])
    await server.close()
    return { answers: killed.answers(), left }
  }

  test('an image that a killed run has left gets its marks only with lines of the audit, also if nothing else changes', async () => {
    const { server, client } = start()
    const place = JSON.stringify(['it', client.origin, client.projectName ?? ''])
    const notes = openUploadNotes('me', join(cwd, `${dialect}-noted`))
    const other = join(cwd, 'other.tar.gz')
    makeImage(other, 'other')
    const { fingerprint } = await uploadImage(client, other)
    prepare('a file', 'one')
    await reconcile(manifest, client)
    const marks = { 'hyperkit.manifest': 'me', 'hyperkit.image': 'app' }
    await notes.begin(place, { fingerprint, marks })

    const full = () => Promise.reject(new Error('no space left'))
    await reconcile(manifest, client, { notes, audit: { command: 'apply', write: full } })
    expect(isOwned(await client.images.get(fingerprint))).toBe(false)
    expect(await notes.left(place)).toHaveLength(1)

    const lines: AuditLine[] = []
    const write = (line: AuditLine): void => void lines.push(line)
    await reconcile(manifest, client, { notes, audit: { command: 'apply', write } })
    expect((await client.images.get(fingerprint)).properties).toMatchObject(marks)
    expect(await notes.left(place)).toEqual([])
    const attributes = { 'properties.hyperkit.manifest': 'me', 'properties.hyperkit.image': 'app' }
    const of = { action: 'update-image', image: 'app', to: { fingerprint, attributes } }
    expect(lines).toMatchObject([
      { event: 'begun', ...of },
      { event: 'ended', outcome: 'done', ...of },
    ])
    await server.close()
  })

  const unknown = 'a file whose metadata are not known'
  const tried = (Object.keys(sources) as (keyof typeof sources)[]).flatMap((source) => [
    [source, 'a run that is killed', 'although the source changes', false, 'two'] as const,
    // A restarted server has forgotten all tokens, so only the note on this machine names an image whose properties were to be set later.
    [source, 'a run that is killed with the server', 'although the source changes', true, 'two'] as const,
  ])
  test.each(tried)(
    'no image of %s is without an owner after %s at any answer, %s',
    async (source, _, __, isRestarted, version) => {
      let unowned = 0
      for (let limit = 1; ; limit++) {
        const { answers, left } = await killAndGoOn(source, limit, isRestarted, version)
        unowned += left
        if (answers < limit) break
      }
      // Properties that are known beforehand are there from the first moment; otherwise the next run sets them.
      if (source === unknown) expect(unowned).toBeGreaterThan(0)
      else expect(unowned).toBe(0)
    },
  )
})
