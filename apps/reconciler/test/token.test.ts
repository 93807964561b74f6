// biome-ignore-all lint/suspicious/noTemplateCurlyInString: manifests contain such references to variables
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mintToken } from '@hyperkit/core/parts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { describeReal, type OpenServer, openEmbedded } from './open-server.ts'
import { runCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-token-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const write = (name: string, text: string): void => writeFileSync(join(cwd, name), text)
const run = (args: string[], environment: Record<string, string> = {}) =>
  runCommand(args, { cwd, environment })

beforeAll(() => makeImage(join(cwd, 'a.tar.gz'), 'token'))

/** @param server the keys of the server's entry besides `url` and `serverCertificate` */
function writeManifest(
  url: string,
  server: string,
  { name = 'images.yaml', image = 'token/a' }: { name?: string; image?: string } = {},
): void {
  write(
    name,
    `version: 1\nname: token\nservers: { it: { url: "${url}", serverCertificate: server.crt, ${server} } }\nimages: [{ name: ${image}, source: { file: a.tar.gz } }]\n`,
  )
}

describe('a real Incus that is reached with a bearer token', () => {
  const real = describeReal('incus')
  const mint = (lifetime: number) =>
    mintToken({
      certificate: real?.clientCertificate.cert ?? '',
      key: real?.clientCertificate.key ?? '',
      lifetime,
    })

  test('Incus accepts the bearer token from a variable and from a file', async (context) => {
    if (real === undefined) return context.skip('HYPERKIT_SERVERS names no such server')
    const token = await mint(300)
    write('server.crt', real.serverCertificate)
    writeManifest(real.url, "token: '${EDGE}'")
    const planned = await run(['plan'], { EDGE: token })
    expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining('upload image token/a') })

    writeManifest(real.url, 'tokenFile: edge.token', { name: 'file.yaml' })
    write('edge.token', `${token}\n`)
    expect(await run(['plan', 'file.yaml'])).toMatchObject({
      code: 0,
      stdout: planned.stdout.replace('images.yaml', 'file.yaml'),
    })
  })

  test('Incus refuses a wrong bearer token, which is not printed', async (context) => {
    if (real === undefined) return context.skip('HYPERKIT_SERVERS names no such server')
    write('server.crt', real.serverCertificate)
    writeManifest(real.url, 'token: not-the-right-one')
    for (const args of [['plan'], ['plan', '--json'], ['history']]) {
      const { code, stdout, stderr } = await run(args)
      expect(code).toBe(1)
      expect(stdout).toMatch(/does not accept the token/)
      expect(stdout + stderr).not.toContain('not-the-right-one')
    }
  })
})

describe('an LXD that issues bearer tokens', () => {
  test('LXD accepts a bearer token until it is revoked, and is then unread, not empty', async () => {
    const server = await openEmbedded(cwd, { dialect: 'lxd-6.9' })
    try {
      const [, url = '', certificate = ''] =
        /url: "([^"]+)", serverCertificate: "([^"]+)"/.exec(server.yaml) ?? []
      write('server.crt', readFileSync(certificate, 'utf8'))
      const permissions = [{ entity_type: 'project', url: '/1.0/projects/default', entitlement: 'operator' }]
      const auth = (method: 'POST' | 'DELETE', path: string, json?: object) =>
        server.client.request({ method, path: `/1.0/auth/${path}`, ...(json && { json }) })
      await auth('POST', 'groups', { name: 'images', permissions })
      const { token } = await server.client.certificates.createBearerToken('ci', { groups: ['images'] })
      write('edge.token', `${token}\n`)
      writeManifest(url, 'tokenFile: edge.token')
      expect(await run(['apply', '--yes'])).toMatchObject({ code: 0 })
      expect(await run(['plan'])).toMatchObject({ code: 0, stdout: expect.stringContaining('No changes.') })
      await auth('DELETE', 'identities/bearer/ci/token')
      const { code, stdout, stderr } = await run(['plan'])
      expect([code, stdout]).toEqual([
        1,
        expect.stringContaining('does not accept the token: it was revoked'),
      ])
      expect(stdout).not.toContain('upload image')
      expect(stdout + stderr).not.toContain(token)
    } finally {
      await server.close()
    }
  })
})

describe('a token', () => {
  let server: OpenServer
  const withToken = (token: string, image?: string): void => {
    const [, url = '', certificate = ''] =
      /url: "([^"]+)", serverCertificate: "([^"]+)"/.exec(server.yaml) ?? []
    write('server.crt', readFileSync(certificate, 'utf8'))
    writeManifest(url, token, image === undefined ? {} : { image })
  }
  beforeAll(async () => {
    server = await openEmbedded(cwd, { dialect: 'incus' })
  })
  afterAll(() => server.close())

  test('a token in the manifest is never printed, whatever other text contains it', async () => {
    withToken('token: 4nHq-secret-words', '4nHq-secret-words')
    const { stdout, stderr } = await run(['plan', '--json'])
    expect(stdout + stderr).not.toContain('4nHq-secret-words')
  })

  test('an invalid token is refused without being printed', async () => {
    withToken('token: "two words"')
    expect((await run(['validate'])).stderr).toMatch(/"token" must be a bearer token: letters, digits/)
    withToken('token: 123456789')
    const number = (await run(['validate'])).stderr
    expect(number).toMatch(/"token" must be a string/)
    expect(number).not.toContain('123456789')
    withToken('tokenFile: broken.token')
    write('broken.token', 'first line\nsecond line\n')
    const broken = await run(['plan'])
    expect(broken.stdout).toContain('broken.token": the content must be a bearer token')
    expect(broken.stdout + broken.stderr).not.toContain('second line')
    withToken('tokenFile: nowhere.token')
    expect((await run(['plan'])).stdout).toMatch(/Cannot read token ".*nowhere\.token": ENOENT/)
  })
})
