import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { uploadImage } from '@hyperkit/files'
import { afterAll, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { runCommand } from './start-command.ts'

describe('an export', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'hk-export-'))
  afterAll(() => rmSync(cwd, { recursive: true, force: true }))
  const run = (...args: string[]) => runCommand(args, { cwd })

  test('an export makes no manifest if one server does not show everything, or shows only public images', async () => {
    const [whole, other] = [
      await openEmbedded(cwd, { dialect: 'lxd' }),
      await openEmbedded(cwd, { dialect: 'incus' }),
    ]
    const stranger = other.yaml.replace(/, clientCertificate: "[^"]*"/, '')
    writeFileSync(
      join(cwd, 'fleet.yaml'),
      `version: 1\nname: fleet\nservers: { whole: ${whole.yaml}, other: ${stranger} }\nimages: []\n`,
    )
    const { code, stdout, stderr } = await run('export', '-f', 'fleet.yaml')
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      expect.stringContaining(
        'this client presents no certificate, and untrusted clients see only public images',
      ),
    ])
    await whole.close()
    await other.close()
  })

  test('an export makes no manifest if a listing took so long that the server may have cut it short', async () => {
    const slow = await openEmbedded(cwd, {
      dialect: 'lxd',
      // After ten seconds, LXD silently leaves out the images that it has not loaded yet.
      faults: async (request, answer) => {
        const given = await answer()
        const { pathname, searchParams } = new URL(request.url)
        if (pathname !== '/1.0/images' || searchParams.get('recursion') !== '1') return given
        const document = (await given.json()) as { metadata: unknown[] }
        await new Promise((resolve) => setTimeout(resolve, 9_100))
        return Response.json({ ...document, metadata: document.metadata.slice(1) })
      },
    })
    for (const name of ['one', 'two']) {
      makeImage(join(cwd, 'x.tar.gz'), name)
      await uploadImage(slow.client, join(cwd, 'x.tar.gz'), { aliases: [name] })
    }
    writeFileSync(join(cwd, 'slow.yaml'), manifest('slow', slow))
    const made = await run('export', '-f', 'slow.yaml', '--with-files', 'slow')
    expect([made.code, made.stdout, made.stderr]).toEqual([
      1,
      '',
      expect.stringMatching(/^Cannot list all images of .*; it sent 1, and there may be more\n$/),
    ])
    expect(existsSync(join(cwd, 'slow'))).toBe(false)
    await slow.close()
  })

  test('an export is refused with a reason if no server is named, or if servers are named in both ways', async () => {
    expect(await run('export')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('give --remote NAME'),
    })
    expect(await run('export', '--remote', 'a', '-f', 'x.yaml')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('give either --remote or --file'),
    })
  })

  test('an export of a name that no server has is refused', async () => {
    const server = await openEmbedded(cwd, { dialect: 'lxd' })
    makeImage(join(cwd, 'x.tar.gz'), 'x')
    await uploadImage(server.client, join(cwd, 'x.tar.gz'), { aliases: ['web'] })
    writeFileSync(join(cwd, 'one.yaml'), manifest('one', server))
    expect(await run('export', 'wep', '-f', 'one.yaml')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('did you mean "web"?'),
    })
    await server.close()
  })
})

describe('a bundle whose making breaks off', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'hk-export-'))
  afterAll(() => rmSync(cwd, { recursive: true, force: true }))
  const run = (...args: string[]) => runCommand(args, { cwd })

  test('a bundle that breaks off leaves no manifest and is resumed, from another server if possible', async () => {
    let broken = ''
    let sent: string[] = []
    const open = (dialect: 'lxd' | 'incus', isBroken: () => boolean) =>
      openEmbedded(cwd, {
        dialect,
        faults: async (request, answer) => {
          const fingerprint = /\/images\/(\w+)\/export$/.exec(new URL(request.url).pathname)?.[1]
          if (fingerprint === undefined) return answer()
          if (fingerprint === broken && isBroken()) return Response.json({ error: 'no' }, { status: 500 })
          sent.push(fingerprint)
          return answer()
        },
      })
    const [one, two] = [await open('lxd', () => true), await open('incus', () => false)]
    const fingerprints: string[] = []
    for (const name of ['a', 'b']) {
      makeImage(join(cwd, 'x.tar.gz'), name)
      const { fingerprint } = await uploadImage(one.client, join(cwd, 'x.tar.gz'), { aliases: [name] })
      fingerprints.push(fingerprint)
    }
    const [a = '', b = ''] = fingerprints
    broken = b
    writeFileSync(join(cwd, 'one.yaml'), manifest('one', one))
    const first = await run('export', '-f', 'one.yaml', '--with-files', 'bundle')
    expect([first.code, first.stderr]).toEqual([1, expect.stringContaining('a: saved')])
    expect(readdirSync(join(cwd, 'bundle'))).toEqual(['blobs'])
    expect(sent).toEqual([a])

    await uploadImage(two.client, join(cwd, 'x.tar.gz'), { aliases: ['b'] })
    writeFileSync(
      join(cwd, 'two.yaml'),
      `version: 1\nname: two\nservers:\n  one: ${one.yaml}\n  two: ${two.yaml}\nimages: []\n`,
    )
    sent = []
    const again = await run('export', '-f', 'two.yaml', '--with-files', 'bundle')
    expect(again.stderr).toContain('a: exists already')
    expect([again.code, sent]).toEqual([0, [b]])
    expect(readdirSync(join(cwd, 'bundle')).sort()).toEqual(['SHA256SUMS', 'blobs', 'images.yaml'])
    await one.close()
    await two.close()
  })
})

test("a remote of the user's configuration is exported by its name", async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'hk-export-'))
  const server = await openEmbedded(cwd, { dialect: 'incus' })
  const [, url = '', certificate = '', client = ''] =
    /url: "([^"]*)", serverCertificate: "([^"]*)", clientCertificate: "([^"]*)"/.exec(server.yaml) ?? []
  const folder = join(cwd, 'incus')
  mkdirSync(join(folder, 'servercerts'), { recursive: true })
  copyFileSync(client, join(folder, 'client.crt'))
  copyFileSync(client.replace('.crt', '.key'), join(folder, 'client.key'))
  copyFileSync(certificate, join(folder, 'servercerts', 'prod.crt'))
  writeFileSync(
    join(folder, 'config.yml'),
    `default-remote: prod\nremotes:\n  prod: { addr: "${url}", protocol: incus, auth_type: tls }\n`,
  )
  makeImage(join(cwd, 'x.tar.gz'), 'x')
  const { fingerprint } = await uploadImage(server.client, join(cwd, 'x.tar.gz'), { aliases: ['web'] })
  const environment = { INCUS_CONF: folder, LXD_CONF: join(cwd, 'none') }
  const { code, stdout } = await runCommand(['export', '--remote', 'prod'], { cwd, environment })
  expect(code).toBe(0)
  expect(stdout).toContain('servers:\n  prod: { remote: prod }\n')
  expect(stdout).toMatch(new RegExp(`  - name: web\\n {4}source: \\{ fingerprint: "?${fingerprint}"? \\}\\n`))
  await server.close()
  rmSync(cwd, { recursive: true, force: true })
})

function manifest(name: string, server: OpenServer): string {
  return `version: 1\nname: ${name}\nservers:\n  it: ${server.yaml}\nimages: []\n`
}
