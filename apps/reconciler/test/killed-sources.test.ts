import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Image } from '@hyperkit/core'
import { fingerprintOf, uploadImage } from '@hyperkit/files'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { interruptionTargets, pointsApart } from './interruption-targets.ts'
import { makeImage } from './make-image.ts'
import { type InstanceMaker, makeInstances } from './make-instances.ts'
import { type Front, openFront } from './open-front.ts'
import { describeReal, type OpenServer, openEmbedded } from './open-server.ts'
import { actionsOf, applyOf, planOf } from './plan-and-apply.ts'
import { type FileServer, serveFiles } from './serve-file.ts'
import { startCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-killed-sources-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const runtime = 'deno' in process.versions ? 'deno' : 'bun' in process.versions ? 'bun' : 'node'

describe.each(interruptionTargets())(
  'an apply that is killed after answers of %s %s and run again',
  (kind, dialect) => {
    const described = kind === 'real' ? describeReal(dialect) : undefined
    const isThere = kind === 'embedded' || described !== undefined
    const id = `q${randomUUID().slice(0, 8)}`
    const file = join(cwd, `${id}.tar.gz`)
    const path = join(cwd, `${id}.yaml`)
    let front: Front
    let other: OpenServer
    let web: FileServer
    let instances: InstanceMaker
    let content = ''

    beforeAll(async () => {
      if (!isThere) return
      const seeded = described === undefined ? makeInstances([id]) : undefined
      front = await openFront(cwd, dialect, described, seeded?.seeded)
      instances = seeded ?? makeInstances([], front.second.client)
      other = await openEmbedded(cwd, { dialect: dialect === 'lxd' ? 'incus' : 'lxd' })
      makeImage(file, id)
      content = (await fingerprintOf(file)).fingerprint
      await uploadImage(other.client, file, { public: true, aliases: ['up'] })
      web = await serveFiles((_, response) => {
        const bytes = readFileSync(file)
        response.writeHead(200, { 'content-length': bytes.length }).end(bytes)
      })
      await instances.make(id)
      await instances.snapshot(id, 'release')
    })
    afterAll(async () => {
      if (!isThere) return
      await clean()
      await instances.removeAll(front.second.client)
      await web.close()
      await other.close()
      await front.close()
    })
    beforeEach((context) => {
      if (!isThere) context.skip('HYPERKIT_SERVERS names no such server')
      // This takes minutes, and the order of the requests is the same on every runtime.
      if (runtime !== 'node') context.skip('the points at which an apply can be killed are tried on Node')
    })

    /** The images of this test, with and without a mark. */
    const left = async (): Promise<Image[]> =>
      (await front.second.client.images.list()).filter(
        ({ fingerprint, properties, aliases }) =>
          fingerprint === content ||
          properties['hyperkit.manifest'] === id ||
          (properties['hyperkit.source'] ?? '').includes(id) ||
          aliases.some(({ name }) => name.startsWith(id)),
      )
    const clean = async (): Promise<void> => {
      for (const { fingerprint } of await left()) await front.second.client.images.delete(fingerprint)
    }
    const stateOf = ({ properties, public: isPublic, expiresAt, aliases }: Image) => ({
      properties,
      public: isPublic,
      expiresAt,
      // The lock of the killed run stays for another minute; it is not an alias of the image.
      aliases: aliases.filter(({ name }) => !name.startsWith('hyperkit.lock/')),
    })

    /**
     * Applies again. The server may still be carrying out a request of the killed run, and change the image between plan and
     * apply. The update is then refused, so this waits for the server's operations and applies once more.
     */
    const applyAgain = async () => {
      const [first] = (await applyOf(path)).servers
      const errors = first?.results.flatMap(({ error }) => error ?? []) ?? []
      if (!errors.some(({ code }) => code === 'precondition-failed')) return first
      const { operations } = front.second.client
      for (const operation of front.begun) await operations.wait(operation).catch(() => undefined)
      return (await applyOf(path)).servers[0]
    }

    const remote = (): string =>
      `remote: "${other.url}", protocol: ${dialect === 'lxd' ? 'incus' : 'lxd'}, serverCertificate: "${other.certificateFile}", alias: up`

    // These sources go through this process, so every server gets the same requests, and one server is enough.
    const isOnce = kind === 'embedded' && dialect === 'lxd'
    const sources: [string, () => string][] = [
      ['of another server', remote],
      ['of a snapshot', () => `instance: ${id}, snapshot: release`],
      ...(isOnce
        ? ([
            ['of another server of the manifest', () => 'server: other, alias: up'],
            ['of a web server', () => `url: "${web.url}/a.tar.gz", sha256: ${content}, insecure: true`],
          ] as [string, () => string][])
        : []),
    ]
    test.each(sources)(
      'an image %s exists once, with everything it should have',
      { timeout: 600_000 },
      async (_, source) => {
        writeFileSync(
          path,
          `version: 1\nname: ${id}\nservers: { it: ${front.yaml}, other: ${other.yaml} }\nimages:\n  - { name: ${id}, source: { ${source()} }, servers: [it], public: true, expiresAt: 2030-01-01, properties: { a: b } }\n`,
        )
        await clean()
        expect((await applyOf(path)).servers[0]?.status).toBe('done')
        const expected = (await left()).map(stateOf)
        expect(expected).toMatchObject([
          {
            properties: { a: 'b', 'hyperkit.manifest': id, 'hyperkit.image': id },
            public: true,
            expiresAt: new Date('2030-01-01'),
            aliases: [{ name: id }],
          },
        ])
        let answers = 1 - pointsApart
        for (let happened = true; happened; ) {
          answers += pointsApart
          await clean()
          const interruption = front.killAfter(answers)
          const started = await startCommand(['apply', '--yes', path], {
            cwd,
            environment: { XDG_CACHE_HOME: join(cwd, 'cache') },
          })
          interruption.watch(started)
          const { code, stderr } = await started.ended
          happened = await interruption.happened()
          if (!happened) expect([code, stderr]).toMatchObject([0, expect.anything()])
          const again = await applyAgain()
          expect([answers, again?.status, again?.results.map(({ error }) => error)]).toMatchObject([
            answers,
            'done',
            expect.anything(),
          ])
          expect([answers, (await left()).map(stateOf)]).toEqual([answers, expected])
          expect([answers, actionsOf(await planOf(path))]).toEqual([answers, []])
        }
        expect(answers).toBeGreaterThan(8)
      },
    )

    test('an image of another server leaves no orphan if its alias points at another image by then', {
      timeout: 600_000,
    }, async () => {
      const newer = join(cwd, `${id}-newer.tar.gz`)
      makeImage(newer, `${id} newer`)
      const { fingerprint } = await uploadImage(other.client, newer, { public: true })
      const ours = async (): Promise<string[]> =>
        (await front.second.client.images.list())
          .map((image) => image.fingerprint)
          .filter((each) => each === content || each === fingerprint)
      writeFileSync(
        path,
        `version: 1\nname: ${id}\nservers: { it: ${front.yaml} }\nimages:\n  - { name: ${id}, source: { ${remote()} }, keep: 1 }\nprune: {}\n`,
      )
      const arrived = new Set<string>()
      let answers = 0
      for (let happened = true; happened; ) {
        answers++
        for (const each of await ours()) await front.second.client.images.delete(each)
        await other.client.aliases.update('up', { target: content })
        const interruption = front.killAfter(answers)
        const started = await startCommand(['apply', '--yes', path], { cwd })
        interruption.watch(started)
        await started.ended
        happened = await interruption.happened()
        const { operations, images } = front.second.client
        for (const operation of front.begun) await operations.wait(operation).catch(() => undefined)
        const image = await images.find(content)
        if (image !== undefined) arrived.add(JSON.stringify(Object.keys(image.properties).sort()))
        await other.client.aliases.update('up', { target: fingerprint })
        expect([answers, (await applyOf(path)).servers[0]?.status]).toEqual([answers, 'done'])
        expect([answers, await ours()]).toEqual([answers, [fingerprint]])
      }
      // The critical point was reached once: the image was there, but not its mark.
      expect([...arrived].filter((keys) => !keys.includes('hyperkit.manifest'))).toHaveLength(1)
      await front.second.client.images.delete(fingerprint)
    })
  },
)
