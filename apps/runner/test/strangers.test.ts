import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeCertificate } from '@hyperkit/conformance'
import { connect } from '@hyperkit/connect'
import { type Client, copyImage, type Image, supports } from '@hyperkit/core'
import { saveImage } from '@hyperkit/files'
import { describeView } from '@hyperkit/script'
import { expect, onTestFinished, test } from 'vitest'
import { describeServers, type Scene } from './describe-servers.ts'
import { makeProject } from './make-project.ts'
import { openEmbedded, writeRemotes } from './open-remotes.ts'

const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

/** A client that is not shown everything. */
interface Guest {
  shows: 'public images only' | 'at most a part of the images'
  why: string
  wayOut: string
}

interface Place {
  seen: Image
  hidden: Image
  /** Another project of the same server, the target of copies. */
  project: string
  /** The clients by the name of their remote. */
  guests: Record<string, Guest>
}

function defineStrangers(scene: Scene): void {
  const { id, cwd, dialect, client, described, run, upload, cleanup } = scene
  const tool = dialect === 'lxd' ? 'lxc' : 'incus'
  let ready: Promise<Place> | undefined

  const make = async (): Promise<Place> => {
    const seen = await upload('seen', { public: true, aliases: [`${id}/seen`] })
    const hidden = await upload('hidden', { aliases: [`${id}/hidden`] })
    const project = `${id}-copies`
    const { remove } = await makeProject(client(), project)
    cleanup(remove)
    const unknown = makeCertificate({ name: id })
    const restricted = makeCertificate({ name: id })
    await client().certificates.create(id, { certificate: restricted.cert, projects: [project] })
    cleanup(() => client().certificates.delete(restricted.fingerprint))
    const certificates = {
      unknown,
      expired: makeCertificate({ name: id, days: [-20, -10] }),
      early: makeCertificate({ name: id, days: [10, 20] }),
      restricted,
      grained: await makeGrained(scene),
    }
    const enrol = `enrol with a token that "${tool} config trust add" creates there`
    const untrusted = (name: 'unknown' | 'expired' | 'early', why: string, wayOut: string): Guest => ({
      shows: 'public images only',
      why: `the server does not trust this client: its certificate ${certificates[name].fingerprint.slice(0, 12)} ${why}`,
      wayOut,
    })
    const entries = Object.entries(certificates).flatMap(([name, pair]) =>
      pair === undefined ? [] : ([[name, { ...described(), clientCertificate: pair }]] as const),
    )
    writeRemotes(cwd, { main: described(), ...Object.fromEntries(entries) })
    return {
      seen,
      hidden,
      project,
      guests: {
        unknown: untrusted('unknown', 'is not in its trust store', enrol),
        expired: untrusted('expired', `expired on ${day(-10)}`, `make a new one, and ${enrol}`),
        early: untrusted('early', `is not valid before ${day(10)}`, 'correct the clock that is wrong'),
        restricted: {
          shows: 'public images only',
          why: 'this client may not use project "default", if that exists: it is restricted to other projects',
          wayOut: `choose one of its projects, or have the restriction changed: "${tool} config trust edit"`,
        },
        ...(certificates.grained && {
          grained: {
            shows: 'at most a part of the images',
            why: 'this client lacks the entitlement "can_view_images" on project "default"',
            wayOut: 'lxc auth group permission add GROUP project default can_view_images',
          },
        }),
      },
    }
  }
  const place = (): Promise<Place> => {
    ready ??= make().then(async (made) => {
      const words = [described().url, '--accept-certificate', '--public', '--client', 'incus']
      expect(await run('remote', 'add', 'open', ...words)).toMatchObject({ code: 0 })
      return made
    })
    return ready
  }
  const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

  test('public images of a public remote are listed, shown, exported and verified without notes about other images', async () => {
    const { seen } = await place()
    const remotes = JSON.parse((await run('remote', 'list', '--json')).stdout)
    expect(remotes).toContainEqual(expect.objectContaining({ name: 'open', public: true }))
    const record = { fingerprint: seen.fingerprint, public: true, aliases: [{ name: `${id}/seen` }] }
    const listed = await run('list', 'open:', id, '--json')
    expect([listed.code, listed.stderr, JSON.parse(listed.stdout)]).toMatchObject([0, '', [record]])
    const columns = await run('list', 'open:', `os=${id}`, '-c', 'lFp', '-f', 'csv')
    expect(columns).toEqual({ code: 0, stdout: `${id}/seen,${seen.fingerprint},yes\n`, stderr: '' })
    const shown = await run('show', `open:${id}/seen`, '--json')
    expect([shown.code, shown.stderr, JSON.parse(shown.stdout)]).toMatchObject([0, '', record])
    const info = await run('info', `open:${seen.fingerprint.slice(0, 7)}`)
    expect(info).toMatchObject({ code: 0, stdout: expect.stringContaining('Public: yes\n'), stderr: '' })
    mkdirSync(join(cwd, 'out'))
    const exported = await run('export', `open:${id}/seen`, 'out', '--json')
    expect([exported.code, exported.stderr]).toEqual([0, expect.not.stringContaining('Cannot')])
    expect(hashOf(join(cwd, JSON.parse(exported.stdout).path))).toBe(seen.fingerprint)
    const verified = await run('verify', `open:${id}/seen`, '--json')
    expect([verified.code, JSON.parse(verified.stdout)]).toMatchObject([0, [{ server: 'open', ok: true }]])
    const { code, stdout } = await run('doctor', 'open:', '--json')
    const found = (JSON.parse(stdout) as { remote: string; subject: string; status: string }[]).filter(
      ({ remote }) => remote === 'open',
    )
    expect([code, found.filter(({ status }) => status !== 'ok')]).toEqual([0, []])
    expect(found[0]).toMatchObject({
      subject: 'reach',
      detail: expect.stringContaining('the remote is marked public'),
    })
  })

  test('a server downloads a public image with the certificate of the remote, and keeps it up to date', async () => {
    const { seen, project } = await place()
    const words = [`open:${id}/seen`, 'main:', '--target-project', project, '--auto-update', '--json']
    const { code, stdout, stderr } = await run('copy', ...words)
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('Not by')])
    expect(JSON.parse(stdout)).toMatchObject([{ fingerprint: seen.fingerprint, mode: 'pull' }])
    const copy = await client().project(project).images.get(seen.fingerprint)
    expect(copy).toMatchObject({ autoUpdate: true, updateSource: { alias: `${id}/seen` } })
    expect(await client().project(project).images.hasContent(seen.fingerprint)).toBe(true)
  })

  test('a secret lets an untrusted client export or copy a private image', async () => {
    const { hidden, project } = await place()
    const { fingerprint } = hidden
    const { url, serverCertificate } = described()
    const stranger: Client = await connect({ url, serverCertificate })
    onTestFinished(() => stranger.close())
    const secretOf = async (): Promise<string> => {
      const made = await run('secret', `main:${id}/hidden`, '--json')
      expect(JSON.parse(made.stdout)).toMatchObject({ fingerprint, operation: expect.any(String) })
      return JSON.parse(made.stdout).secret
    }
    await expect(stranger.images.get(fingerprint)).rejects.toThrow('untrusted clients see only public images')
    const saved = await saveImage(stranger, { fingerprint }, cwd, { secret: await secretOf() })
    expect(saved.kind === 'unified' && hashOf(saved.path)).toBe(fingerprint)
    const there = client().project(project)
    const options = { secret: await secretOf(), certificate: serverCertificate }
    expect(await copyImage(stranger, there, fingerprint, options)).toMatchObject({ mode: 'pull' })
    expect(await there.images.hasContent(fingerprint)).toBe(true)
  })

  test.each([
    ['show', `open:${id}/hidden`],
    ['export', `open:${id}/hidden`],
    ['copy', `open:${id}/hidden`, 'main:'],
    ['delete', `open:${id}/hidden`],
    ['alias', 'delete', `open:${id}/hidden`],
    ['alias', 'list', 'open:'],
    ['publish', 'open:web1'],
    ['operation', 'list', 'open:'],
  ])('hyperkit %s %s of an untrusted client reports what such clients see', async (...words) => {
    await place()
    const { code, stdout, stderr } = await run(...words)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(
      'this client presents no certificate, and untrusted clients see only public images',
    )
  })

  test('list reports on stderr what a client is not shown, why, and what to do', async () => {
    const { seen, guests } = await place()
    for (const [name, { shows, why, wayOut }] of Object.entries(guests)) {
      const { code, stdout, stderr } = await run('list', `${name}:`, id, '-c', 'F', '-f', 'csv')
      expect([name, code, stdout]).toEqual([name, 0, `${seen.fingerprint}\n`])
      expect(stderr).toContain(`"${name}" shows ${shows}: ${why}`)
      expect(stderr).toContain(wayOut)
      const shown = await run('show', `${name}:${id}/hidden`)
      expect([name, shown.code, shown.stdout]).toEqual([name, 1, ''])
      expect(shown.stderr).toContain(`but it may exist and be hidden from this client: ${why}`)
    }
  })

  test('each command of a client that is untrusted or not allowed reports that and does nothing', async () => {
    const { hidden, guests } = await place()
    const [image, whole] = [`${id}/hidden`, hidden.fingerprint]
    const commands = (remote: string): string[][] => [
      ...[image, whole, whole.slice(0, 12), whole.slice(0, 5)].map((name) => ['info', `${remote}:${name}`]),
      ['export', `${remote}:${image}`],
      ['verify', `${remote}:${image}`],
      ['copy', `${remote}:${image}`, 'main:'],
      ['copy', `main:${image}`, `${remote}:`],
      ['delete', `${remote}:${image}`],
      ['delete', `${remote}:${id}/seen`],
      ['alias', 'create', `${remote}:${id}/new`, whole],
      ['alias', 'set', `${remote}:${image}`, `${id}/seen`],
      ['alias', 'rename', `${remote}:${image}`, `${id}/new`],
      ['alias', 'delete', `${remote}:${image}`],
      ['set-property', `${remote}:${image}`, 'a=b'],
      ['publish', `${remote}:web1`],
    ]
    const few = ([command]: string[]): boolean => ['copy', 'delete', 'publish'].includes(command ?? '')
    const all = [
      ...commands('unknown').map((words) => ['unknown', words] as const),
      ...commands('restricted')
        .filter(few)
        .map((words) => ['restricted', words] as const),
    ]
    for (const [name, words] of all) {
      const { why = '', wayOut = '' } = guests[name] ?? {}
      const { code, stdout, stderr } = await run(...words)
      expect([words, code, stdout]).toEqual([words, 1, ''])
      expect([words, stderr]).toEqual([words, expect.stringContaining(why)])
      expect(stderr).toContain(wayOut)
      expect(stderr).not.toContain('no alias has this name')
    }
    expect(await client().images.getByAlias(image)).toMatchObject({
      fingerprint: whole,
      properties: { os: id },
    })
    expect(await client().images.getByAlias(`${id}/seen`)).toMatchObject({ public: true })
    expect(await client().aliases.find(`${id}/new`)).toBeUndefined()
  })
}

/**
 * Makes a certificate of a fine-grained identity that may view the project but not its images.
 *
 * @returns undefined if the server has no such identities
 */
async function makeGrained({ id: own, client, cleanup }: Scene) {
  if (supports(await client().server(), 'access_management_tls') !== true) return undefined
  // The other certificates are identities too.
  const id = `${own}-grained`
  const certificate = makeCertificate({ name: id })
  const auth = (method: 'POST' | 'DELETE', path: string, json?: unknown) =>
    client().request({ method, path: `/1.0/auth/${path}`, ...(json === undefined ? {} : { json }) })
  const permissions = [{ entity_type: 'project', url: '/1.0/projects/default', entitlement: 'can_view' }]
  await auth('POST', 'groups', { name: id, permissions })
  cleanup(() => auth('DELETE', `groups/${id}`))
  await auth('POST', 'identities/tls', { name: id, certificate: certificate.cert, groups: [id] })
  cleanup(() => auth('DELETE', `identities/tls/${id}`))
  return certificate
}

describeServers('what strangers see', defineStrangers, [
  'embedded incus-7.0',
  'embedded lxd-6.9',
  'lxd',
  'incus-7.0',
])

test('a revoked bearer token is reported by the commands that report what a client is not shown', async () => {
  const server = await openEmbedded({ dialect: 'lxd-6.9' })
  onTestFinished(() => server.close())
  const admin = await connect(server)
  onTestFinished(() => admin.close())
  const identities = '/1.0/auth/identities/bearer'
  await admin.request({ method: 'POST', path: identities, json: { name: 'ci', type: 'Client token bearer' } })
  const path = `${identities}/ci/token`
  const { metadata } = await admin.request({ method: 'POST', path, json: { expiry: '1d' } })
  const { url, serverCertificate } = server
  const { token } = metadata as { token: string }
  const bearer = await connect({ url, serverCertificate, token, name: 'ci' })
  onTestFinished(() => bearer.close())
  expect(await describeView(bearer)).toContain(
    '"ci" shows at most a part of the images: this client may not view',
  )
  await admin.request({ method: 'DELETE', path })
  const late = await connect({ url, serverCertificate, token, name: 'ci' })
  onTestFinished(() => late.close())
  await expect(describeView(late)).rejects.toThrow(
    'does not accept the token: it was revoked or replaced by a newer one',
  )
})
