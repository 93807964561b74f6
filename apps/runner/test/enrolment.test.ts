import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@hyperkit/connect'
import { type Client, supports } from '@hyperkit/core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { describeReal, type OpenServer, openEmbedded, writeRemotes } from './open-remotes.ts'
import { type Ended, runHyperkit } from './start-command.ts'

const versions = ['lxd-5.21', 'lxd-6.9', 'incus-7.0'] as const
const kinds = [...versions.map((version) => `embedded ${version}` as const), 'lxd', 'incus'] as const

describe.each(kinds)('enrolment at %s', (kind) => {
  const isLxd = kind.includes('lxd')
  const id = `e${randomUUID().slice(0, 8)}`
  const cwd = mkdtempSync(join(tmpdir(), 'hk-enrol-'))
  /** Paths of what goes when the tests are over. */
  const made: string[] = []
  let server: OpenServer | undefined
  let opened: { client: Client; environment: Record<string, string> } | undefined

  const given = () => {
    if (opened === undefined) throw new Error('no server')
    return opened
  }
  const administrate = (...args: string[]): Promise<Ended> =>
    runHyperkit(args, { cwd, environment: given().environment })
  /** Somebody with no configuration and no certificate yet. */
  const newcomer = (name: string) => {
    const home = join(cwd, name)
    const folders = { HOME: home, INCUS_CONF: join(home, 'incus'), LXD_CONF: join(home, 'lxc') }
    const options = { cwd, environment: { ...given().environment, ...folders } }
    const file = join(home, isLxd ? 'lxc' : 'incus', 'config.yml')
    return {
      run: (...args: string[]) => runHyperkit(args, options),
      projectOf: (remote: string) =>
        new RegExp(`  ${remote}:\\n(?: {4}.*\\n)*? {4}project: (.*)\\n`).exec(
          readFileSync(file, 'utf8'),
        )?.[1],
    }
  }
  const makeProject = async (name: string): Promise<string> => {
    const config = { 'features.images': 'true' }
    await given().client.request({
      method: 'POST',
      path: '/1.0/projects',
      json: { name: `${id}-${name}`, config },
    })
    made.push(`/1.0/projects/${id}-${name}`)
    return `${id}-${name}`
  }
  const makeToken = async (name: string, ...more: string[]): Promise<string> => {
    const token = await administrate('trust', 'token', `main:${id}-${name}`, ...more)
    expect([token.code, token.stderr]).toEqual([0, ''])
    if (more.includes('--identity')) made.push(`/1.0/auth/identities/tls/${id}-${name}`)
    return token.stdout.trim()
  }

  beforeAll(async () => {
    if (kind.startsWith('embedded'))
      server = await openEmbedded({ dialect: kind.replace('embedded ', '') as (typeof versions)[number] })
    const described = server ?? describeReal(isLxd ? 'lxd' : 'incus')
    if (described === undefined) return
    const { environment, client } = writeRemotes(cwd, { main: described })
    opened = { environment, client: await client('main') }
  })
  beforeEach((context) => {
    if (opened === undefined) context.skip('HYPERKIT_SERVERS names no such server')
  })
  afterAll(async () => {
    const client = opened?.client
    for (const path of made.reverse()) await client?.request({ method: 'DELETE', path })
    for (const { name, fingerprint } of (await client?.certificates.list()) ?? [])
      if (name.startsWith(id)) await client?.certificates.delete(fingerprint)
    client?.close()
    await server?.close()
    rmSync(cwd, { recursive: true, force: true })
  })

  test('a remote works in the first project that the token opens, and in "default" without being told', async () => {
    const [first, second] = [await makeProject('a'), await makeProject('b')]
    const one = newcomer('one')
    const added = await one.run('remote', 'add', 'one', await makeToken('one', '--projects', second))
    expect([added.code, added.stderr]).toEqual([
      0,
      expect.stringContaining(`works in project "${second}": this client may not use "default"`),
    ])
    expect(one.projectOf('one')).toBe(second)
    const listed = await one.run('list', 'one:', '--json')
    expect([listed.code, JSON.parse(listed.stdout)]).toEqual([0, []])
    // The doctor says what a client of one project is shown.
    expect(await one.run('doctor', 'one:')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(
        `ok      one: images of project "${second}": all of them are shown, with their aliases\n`,
      ),
    })
    expect((await one.run('doctor', 'one:', '--project', 'default')).stdout).toContain(
      'warning one: images of project "default": only public ones are shown: this client may not use project "default"',
    )

    const two = newcomer('two')
    const both = await makeToken('two', '--projects', second, '--projects', first)
    expect(await two.run('remote', 'add', 'two', both)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`project "${first}" of ${first}, ${second}; "--project" names another`),
    })
    expect(two.projectOf('two')).toBe(first)
    const named = newcomer('named')
    const chosen = await makeToken('named', '--projects', first, '--projects', second)
    expect(await named.run('remote', 'add', 'named', chosen, '--project', second)).toMatchObject({ code: 0 })
    expect(named.projectOf('named')).toBe(second)

    const all = newcomer('all')
    expect(await all.run('remote', 'add', 'all', await makeToken('all'))).toMatchObject({ code: 0 })
    expect(all.projectOf('all')).toBeUndefined()
  })

  test('a client that is trusted already keeps its token', async () => {
    const known = newcomer('known')
    expect(await known.run('remote', 'add', 'known', await makeToken('known'))).toMatchObject({ code: 0 })
    const spare = await makeToken('spare')
    const again = await known.run('remote', 'add', 'again', spare)
    expect([again.code, again.stderr]).toEqual([
      0,
      expect.stringContaining('trusts this client already: the token was not sent and stays usable'),
    ])
    expect(await newcomer('other').run('remote', 'add', 'other', spare)).toMatchObject({ code: 0 })
  })

  test('a token of a fine-grained identity enrols it where there are some, and is not made elsewhere', async () => {
    if (supports(await given().client.server(), 'access_management_tls') !== true) {
      const refused = await administrate('trust', 'token', `main:${id}-x`, '--identity')
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('access_management_tls')])
      return
    }
    const { client } = given()
    const project = await makeProject('grained')
    const url = `/1.0/projects/${project}`
    const permissions = [{ entity_type: 'project', url, entitlement: 'viewer' }]
    const group = `${id}-viewers`
    await client.request({ method: 'POST', path: '/1.0/auth/groups', json: { name: group, permissions } })
    made.push(`/1.0/auth/groups/${group}`)
    const guest = newcomer('guest')
    const token = await makeToken('guest', '--identity', '--groups', group)
    expect(await guest.run('remote', 'add', 'guest', token)).toMatchObject({ code: 0 })
    expect(guest.projectOf('guest')).toBe(project)
    expect(await guest.run('list', 'guest:')).toMatchObject({ code: 0 })

    const powerless = newcomer('powerless')
    const bare = await makeToken('powerless', '--identity')
    expect(await powerless.run('remote', 'add', 'powerless', bare)).toMatchObject({ code: 0 })
    expect(powerless.projectOf('powerless')).toBeUndefined()
    expect((await powerless.run('doctor', 'powerless:')).stdout).toContain(
      'warning powerless: images: some of them are shown, or none: this client ',
    )
  })

  test('a bearer token is printed once, speaks for its identity, and is issued where there are some', async () => {
    const { client } = given()
    const word = `main:${id}-bearer`
    if (supports(await client.server(), 'auth_bearer') !== true) {
      const refused = await administrate('trust', 'token', word, '--bearer')
      expect([refused.code, refused.stdout, refused.stderr]).toEqual([
        1,
        '',
        expect.stringMatching(
          /this (LXD|Incus) \d\S+ lacks the API extension "auth_bearer"; it makes tokens by/,
        ),
      ])
      return
    }
    const project = await makeProject('bearers')
    const url = `/1.0/projects/${project}`
    const permissions = [{ entity_type: 'project', url, entitlement: 'viewer' }]
    const group = `${id}-bearers`
    await client.request({ method: 'POST', path: '/1.0/auth/groups', json: { name: group, permissions } })
    made.push(`/1.0/auth/groups/${group}`, `/1.0/auth/identities/bearer/${id}-bearer`)
    const issued = await administrate('trust', 'token', word, '--bearer', '--groups', group, '--expiry', '1d')
    expect([issued.code, issued.stderr, issued.stdout]).toEqual([
      0,
      '',
      expect.stringMatching(/^ey[^\s]+\n$/),
    ])
    const token = issued.stdout.trim()
    const { url: at = '', serverCertificate = '' } = server ?? describeReal('lxd') ?? {}
    const guest = await connect({ url: at, serverCertificate, token })
    expect((await guest.server()).trusted).toBe(true)
    expect(await guest.project(project).images.list()).toEqual([])
    const again = await administrate('trust', 'token', word, '--bearer')
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('give another name')])
    for (const words of [[token], ['127.0.0.1', '--token', token]]) {
      const refused = await newcomer('bearer').run('remote', 'add', 'it', ...words)
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('it is a bearer token')])
      expect(refused.stdout + refused.stderr).not.toContain(token)
    }
    await client.request({ method: 'DELETE', path: `/1.0/auth/identities/bearer/${id}-bearer/token` })
    await expect(guest.project(project).images.list()).rejects.toThrow(
      'does not take the token: it is revoked',
    )
    guest.close()
  })

  test.each([
    [['--bearer', '--identity'], '"--identity" makes a token for a certificate'],
    [['--bearer', '--projects', 'p'], '"--projects" is for certificates'],
    [['--expiry', '1d'], '"--expiry" is for "--bearer"'],
    [['--bearer', '--expiry', '1h'], 'write numbers with S, M, H'],
  ])('trust token %j is refused before anything is asked', async (flags, why) => {
    const { code, stdout, stderr } = await administrate('trust', 'token', `main:${id}-x`, ...flags)
    expect([code, stdout, stderr]).toEqual([code === 2 ? 2 : 1, '', expect.stringContaining(why)])
  })
})
