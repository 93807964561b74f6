import { dirname } from 'node:path'
import {
  type Environment,
  type FindRemoteOptions,
  findRemote,
  listRemotes,
  openRemoteStreams,
} from '@hyperkit/connect'
import { expect, onTestFinished, test } from 'vitest'
import { failureOf, home } from './home.ts'
import { echo, serveSocket } from './serve.ts'

const remote = (name: string, address: string): string =>
  `  ${name}:\n    addr: ${address}\n    public: true\n`
// The files that the clients write when they are first run: Incus 6.0.4, LXD 5.21.7 and LXD 5.0.2.
const streams = '    protocol: simplestreams\n    public: true\n'
const images = `  images:\n    addr: https://images.linuxcontainers.org\n${streams}`
const local = '  local:\n    addr: unix://\n    public: false\n'
const incus = { '.config/incus/config.yml': `default-remote: local\nremotes:\n${images}${local}` }
const lxc = { '.config/lxc/config.yml': `default-remote: local\nremotes:\n${local}` }
const oldLxc = { '.config/lxc/config.yml': `default-remote: local\nremotes:\n${images}${local}` }
const hostOf = { incus: 'https://images.linuxcontainers.org', lxc: 'https://images.lxd.canonical.com' }

async function find(
  name: string | undefined,
  options: FindRemoteOptions,
): Promise<{ found: string; address: string; told: string[] }> {
  const told: string[] = []
  const { remote } = await findRemote(name, { ...options, notify: (sentence) => told.push(sentence) })
  return { found: `${remote.client}:${remote.name}`, address: String(remote.addresses), told }
}

test('lxc:images means the server of LXD, even if an old client has written another address down', async () => {
  for (const files of [{}, lxc, oldLxc]) {
    const options = await home(files)
    expect(await find('lxc:images', options)).toMatchObject({ address: hostOf.lxc })
    expect((await openRemoteStreams('lxc:images', options))?.url).toBe(hostOf.lxc)
  }
  // An address that the user has chosen stays.
  const mirror = await home({ '.config/lxc/config.yml': `remotes:\n${remote('images', 'https://mirror')}` })
  expect(await find('lxc:images', mirror)).toMatchObject({ address: 'https://mirror' })
  const minimal = await openRemoteStreams('ubuntu-minimal', await home())
  expect(minimal?.url).toBe('https://cloud-images.ubuntu.com/minimal/releases')
})

test('a remote name that is built into both clients means the remote of the client that is configured alone', async () => {
  for (const [files, client] of [
    [incus, 'incus'],
    [lxc, 'lxc'],
  ] as const)
    expect(await find('images', await home(files))).toEqual({
      found: `${client}:images`,
      address: hostOf[client],
      told: [],
    })
})

test('if both clients are configured, a variable or else the kind of the target chooses the built-in remote, and the choice is reported', async () => {
  const { environment, home: folder } = await home({ ...incus, ...lxc })
  const by = (variables: Environment, preferred?: 'incus' | 'lxc') =>
    find('images', { environment: { ...environment, ...variables }, home: folder, preferred })
  expect(await by({})).toMatchObject({
    found: 'incus:images',
    told: [
      `"images" means incus:images (${hostOf.incus}), not lxc:images (${hostOf.lxc}): incus takes precedence`,
    ],
  })
  expect(await by({}, 'lxc')).toMatchObject({ found: 'lxc:images', told: [expect.stringMatching(/kind$/)] })
  for (const variables of [
    { LXC_REMOTE: 'local' },
    { HYPERKIT_REMOTE: 'lxc:local' },
    { HYPERKIT_REMOTE: 'ubuntu' },
    { HYPERKIT_REMOTE: 'lxc:local', INCUS_REMOTE: 'local' },
  ])
    expect((await by(variables, 'incus')).found).toBe('lxc:images')
  expect((await by({ INCUS_REMOTE: 'local' }, 'lxc')).found).toBe('incus:images')
})

test('a remote that the user has added takes precedence over a built-in one', async () => {
  const options = await home({
    ...incus,
    '.config/lxc/config.yml': `remotes:\n${remote('images', 'https://mirror')}`,
  })
  expect(await find('images', { ...options, preferred: 'incus' })).toMatchObject({
    found: 'lxc:images',
    told: [expect.stringContaining('the other remote is built in')],
  })
})

test('HYPERKIT_REMOTE names the default remote, whichever client has it', async () => {
  const { environment, home: folder } = await home({
    '.config/incus/config.yml': `default-remote: a\nremotes:\n${remote('a', 'https://a')}`,
    '.config/lxc/config.yml': `default-remote: b\nremotes:\n${remote('b', 'https://b')}${remote('c', 'https://c')}`,
  })
  const by = (HYPERKIT_REMOTE: string, client?: 'incus' | 'lxc') =>
    find(undefined, { environment: { ...environment, HYPERKIT_REMOTE }, home: folder, client })
  for (const stated of ['c', 'lxc:c', 'lxc:c:']) expect((await by(stated)).found).toBe('lxc:c')
  expect((await by('lxc:')).found).toBe('lxc:b')
  expect((await by('lxc:c', 'incus')).found).toBe('incus:a')
  expect((await failureOf(by('nope'))).message).toMatch(/no such remote/)
  const listed = await listRemotes({ environment: { ...environment, HYPERKIT_REMOTE: 'lxc:c' } })
  expect(listed.filter(({ isDefault }) => isDefault).map(({ name }) => name)).toEqual(['c'])
})

test('the error for two default remotes names both', async () => {
  const options = await home({
    '.config/incus/config.yml': `default-remote: a\nremotes:\n${remote('a', 'https://a')}`,
    '.config/lxc/config.yml': `default-remote: b\nremotes:\n${remote('b', 'https://b')}`,
  })
  expect((await failureOf(find(undefined, options))).message).toBe(
    'Cannot connect to the default remote: that of incus is "a" (https://a), that of lxc is "b" (https://b); use "incus:a" or "lxc:b", or set HYPERKIT_REMOTE to one of them',
  )
})

test('of two running local servers the one whose client is configured alone is chosen, and neither if both clients are configured', async () => {
  const sockets = [await serveSocket(echo), await serveSocket(echo)]
  onTestFinished(async () => {
    for (const socket of sockets) await socket[Symbol.asyncDispose]()
  })
  const [INCUS_DIR, LXD_DIR] = sockets.map(({ path }) => dirname(path))
  const by = async (files: Record<string, string>, preferred?: 'lxc') => {
    const { environment, home: folder } = await home(files)
    return find('local', { environment: { ...environment, INCUS_DIR, LXD_DIR }, home: folder, preferred })
  }
  expect((await by(lxc)).found).toBe('lxc:local')
  expect((await by(incus)).found).toBe('incus:local')
  expect((await failureOf(by({ ...incus, ...lxc }))).message).toMatch(/use "incus:local" or "lxc:local"/)
})

test('the error for a default remote that does not exist names it', async () => {
  const options = await home({ '.config/lxc/config.yml': 'default-remote: gone\nremotes: {}\n' })
  expect((await failureOf(find(undefined, options))).message).toMatch(/"gone": there is no such remote/)
})
