import { connect } from '@hyperkit/connect'
import { supports } from '@hyperkit/core'
import { expect, test } from 'vitest'
import { describeServers, type Scene } from './describe-servers.ts'
import type { Newcomer } from './newcomer.ts'

const kinds = ['embedded lxd-5.21', 'embedded lxd-6.9', 'embedded incus-7.0', 'lxd', 'incus'] as const

function defineEnrolment({
  id,
  dialect,
  client,
  described,
  newcomer: meet,
  run: administrate,
  cleanup,
}: Scene): void {
  const goes = (path: string): void => cleanup(() => client().request({ method: 'DELETE', path }))
  const newcomer = (name: string): Newcomer & { projectOf(remote: string): string | undefined } => {
    const one = meet(name)
    const tool = dialect === 'lxd' ? 'lxc' : 'incus'
    return { ...one, projectOf: (remote) => one.written(tool, remote, 'project') }
  }
  const makeProject = async (name: string): Promise<string> => {
    const config = { 'features.images': 'true' }
    await client().request({
      method: 'POST',
      path: '/1.0/projects',
      json: { name: `${id}-${name}`, config },
    })
    goes(`/1.0/projects/${id}-${name}`)
    return `${id}-${name}`
  }
  const makeToken = async (name: string, ...more: string[]): Promise<string> => {
    const token = await administrate('trust', 'token', `main:${id}-${name}`, ...more)
    expect([token.code, token.stderr]).toEqual([0, ''])
    if (more.includes('--identity')) goes(`/1.0/auth/identities/tls/${id}-${name}`)
    else
      cleanup(async () => {
        for (const { name: its, fingerprint } of await client().certificates.list())
          if (its === `${id}-${name}`) await client().certificates.delete(fingerprint)
      })
    return token.stdout.trim()
  }

  test('a remote uses the first project that the token opens, and "default" needs no flag', async () => {
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
    // The doctor reports what a client of one project is shown.
    expect(await one.run('doctor', 'one:')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(
        `ok      one: images of project "${second}": this client sees all of them, and their aliases\n`,
      ),
    })
    expect((await one.run('doctor', 'one:', '--project', 'default')).stdout).toContain(
      'warning one: images of project "default": this client sees public ones only: this client may not use project "default"',
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

  test('a token of a fine-grained identity enrols it on servers that have such identities, and is refused on others', async () => {
    if (supports(await client().server(), 'access_management_tls') !== true) {
      const refused = await administrate('trust', 'token', `main:${id}-x`, '--identity')
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('access_management_tls')])
      return
    }
    const admin = client()
    const project = await makeProject('grained')
    const url = `/1.0/projects/${project}`
    const permissions = [{ entity_type: 'project', url, entitlement: 'viewer' }]
    const group = `${id}-viewers`
    await admin.request({ method: 'POST', path: '/1.0/auth/groups', json: { name: group, permissions } })
    goes(`/1.0/auth/groups/${group}`)
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
      'warning powerless: images: this client sees some of them, or none: this client ',
    )
  })

  test('a bearer token is printed once, works for its identity, and is issued only by servers that have them', async () => {
    const admin = client()
    const word = `main:${id}-bearer`
    if (supports(await admin.server(), 'auth_bearer') !== true) {
      const refused = await administrate('trust', 'token', word, '--bearer')
      expect([refused.code, refused.stdout, refused.stderr]).toEqual([
        1,
        '',
        expect.stringMatching(
          /this (LXD|Incus) \d\S+ lacks the API extension "auth_bearer"; it issues tokens that make/,
        ),
      ])
      return
    }
    const project = await makeProject('bearers')
    const url = `/1.0/projects/${project}`
    const permissions = [{ entity_type: 'project', url, entitlement: 'viewer' }]
    const group = `${id}-bearers`
    await admin.request({ method: 'POST', path: '/1.0/auth/groups', json: { name: group, permissions } })
    goes(`/1.0/auth/groups/${group}`)
    goes(`/1.0/auth/identities/bearer/${id}-bearer`)
    const issued = await administrate('trust', 'token', word, '--bearer', '--groups', group, '--expiry', '1d')
    expect([issued.code, issued.stderr, issued.stdout]).toEqual([
      0,
      '',
      expect.stringMatching(/^ey[^\s]+\n$/),
    ])
    const token = issued.stdout.trim()
    const { url: at, serverCertificate } = described()
    const guest = await connect({ url: at, serverCertificate, token })
    expect((await guest.server()).trusted).toBe(true)
    expect(await guest.project(project).images.list()).toEqual([])
    const again = await administrate('trust', 'token', word, '--bearer')
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('choose another name')])
    for (const words of [[token], ['127.0.0.1', '--token', token]]) {
      const refused = await newcomer('bearer').run('remote', 'add', 'it', ...words)
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('it is a bearer token')])
      expect(refused.stdout + refused.stderr).not.toContain(token)
    }
    await admin.request({ method: 'DELETE', path: `/1.0/auth/identities/bearer/${id}-bearer/token` })
    await expect(guest.project(project).images.list()).rejects.toThrow(
      'does not accept the token: it was revoked',
    )
    guest.close()
  })

  test.each([
    [['--bearer', '--identity'], '"--identity" makes a token to enrol a certificate'],
    [['--bearer', '--projects', 'p'], '"--projects" is for certificates'],
    [['--expiry', '1d'], '"--expiry" is for "--bearer"'],
    [['--bearer', '--expiry', '1h'], 'give numbers with the units S, M, H'],
  ])('trust token %j is refused before anything is asked', async (flags, why) => {
    const { code, stdout, stderr } = await administrate('trust', 'token', `main:${id}-x`, ...flags)
    expect([code, stdout, stderr]).toEqual([code === 2 ? 2 : 1, '', expect.stringContaining(why)])
  })
}

describeServers('enrolment', defineEnrolment, kinds)
