import { addRemote, findRemote, listRemotes, readClientConfiguration, resolveRemote } from '@hyperkit/connect'
import { isHyperkitError } from '@hyperkit/core'
import { expect, test } from 'vitest'
import { failureOf, home } from './home.ts'

const file = (entries: string): Record<string, string> => ({
  '.config/incus/config.yml': `default-remote: good\nremotes:\n  good:\n    addr: https://10.1.0.7:8443\n    public: true\n${entries}`,
})

test.for([
  ['of an unknown protocol', '    addr: https://x\n    protocol: ftp', /protocol "ftp" is not "incus"/],
  ['without an address', '    public: true', /has no "addr" \(\S+config.yml:7:5\)/],
  ['that is empty', '', /is empty \(\S+config.yml:6:7\)/],
  ['that is a text', '    https://x', /is not a map with "addr" \(\S+:7:5\)/],
  ['with an empty address', '    addr: ""', /"addr" is empty \(\S+:7:11\)/],
  ['with an address of commas', '    addr: " , "', /"addr" is empty/],
  ['with a list of addresses', '    addr: [https://x]', /"addr" is not a string \(\S+:7:11\)/],
  [
    'with a project that is a number',
    '    addr: https://x\n    project: 12',
    /"project" is not a string; write "12" in quotes/,
  ],
  [
    'with a word for "public"',
    '    addr: https://x\n    public: maybe',
    /"public" is neither true nor false/,
  ],
  ['with a protocol that is a number', '    addr: https://x\n    protocol: 7', /"protocol" is not a string/],
  ['with a duplicate key', '    addr: https://x\n    addr: https://y', /is defined twice \(\S+:8:5\)/],
] as const)('only a remote %s is disabled, and using it says why', async ([, entry, why]) => {
  const options = await home(
    file(`  bad:\n${entry}\n  later:\n    addr: https://10.1.0.8:8443\n    public: true\n`),
  )
  for (const name of [undefined, 'good', 'later'])
    expect((await resolveRemote(name, options)).remote.protocol).toBe('incus')
  const error = await failureOf(resolveRemote('bad', options))
  expect(error.message).toMatch(why)
  expect(error.message).toMatch(/^Cannot connect to "bad" of incus: /)
  expect((await listRemotes(options)).find(({ name }) => name === 'bad')).toMatchObject({
    disabled: expect.stringMatching(why),
    file: `${options.home}/.config/incus/config.yml`,
  })
})

test('only a remote whose name is defined twice is disabled', async () => {
  const options = await home(file('  bad: {addr: https://x}\n  bad: {addr: https://y}\n'))
  expect((await failureOf(resolveRemote('bad', options))).message).toMatch(/is defined twice \(\S+:7:3\)/)
  expect((await resolveRemote('good', options)).remote.name).toBe('good')
})

test('a registry of OCI images is listed with its credentials helper, and connecting to it says what it is for', async () => {
  const entry =
    '  docker:\n    addr: https://docker.io\n    protocol: oci\n    public: true\n    credentials_helper: docker-credential-x\n'
  const options = await home(file(entry))
  const error = await failureOf(resolveRemote('docker', options))
  expect(isHyperkitError(error, 'unsupported')).toBe(true)
  expect(error.message).toMatch(
    /it is a registry of OCI images and no LXD or Incus server; name it as the source/,
  )
  expect((await listRemotes(options)).find(({ name }) => name === 'docker')).toMatchObject({
    protocol: 'oci',
    public: true,
    credentialsHelper: 'docker-credential-x',
  })
})

test('keys that newer versions of Incus write into a remote are accepted', async () => {
  const entry =
    '  many:\n    addr: https://10.1.0.7:8443,https://10.1.0.8:8443,https://10.1.0.9:8443\n    last_working_address: https://10.1.0.8:8443\n    keepalive: 30\n    public: true\n  plain:\n    addr: https://10.1.0.7:8443\n    last_working_address: [1]\n    public: true\n'
  const options = await home(file(entry))
  const { transports } = await resolveRemote('many', options)
  // The address that answered last is tried first.
  expect(transports.map(({ url }) => url)).toEqual(['8', '9', '7'].map((end) => `https://10.1.0.${end}:8443`))
  expect((await resolveRemote('plain', options)).transports).toHaveLength(1)
})

test.for([
  ['with a tab', 'remotes:\n\tprod: x\n', /config.yml:2:1: /],
  ['without a map of remotes', 'remotes: 7\n', /config.yml:1:10: "remotes"/],
  ['with a list for a name', 'default-remote: [a]\n', /config.yml:1:17: "default-remote"/],
  ['of words', 'just words\n', /config.yml:1:1: /],
  ['with a duplicate part', 'aliases: {}\naliases: {}\n', /config.yml:2:1: .*unique/],
] as const)(
  'a file %s is an error with line and column for remotes of its client, and for no others',
  async ([, text, where]) => {
    const options = await home({
      '.config/incus/config.yml': text,
      '.config/lxc/config.yml':
        'default-remote: box\nremotes:\n  box:\n    addr: https://10.1.0.9:8443\n    public: true\n',
    })
    const [incus, lxc] = await readClientConfiguration(options)
    expect(incus?.problems).toMatchObject([
      { code: 'invalid-configuration', message: expect.stringMatching(where) },
    ])
    expect([incus?.remotes.size, lxc?.problems]).toEqual([0, []])
    const told: string[] = []
    const { remote } = await findRemote('box', { ...options, notify: (sentence) => told.push(sentence) })
    expect(remote.client).toBe('lxc')
    expect(told).toEqual([expect.stringMatching(where)])
    expect((await resolveRemote('lxc:', options)).remote.name).toBe('box')
    // Without the file it is unknown which remote is the default, and whether a remote of another name exists.
    for (const name of [undefined, 'incus:local', 'nope'])
      expect((await failureOf(resolveRemote(name, options))).message).toMatch(where)
    await expect(
      addRemote({ name: 'new', address: 'https://10.1.0.7:8443' }, { ...options, client: 'incus' }),
    ).rejects.toMatchObject({ code: 'invalid-configuration' })
  },
)

test('a folder in place of the file is an error for its client only', async () => {
  const options = await home({
    '.config/incus/config.yml/x': '',
    ...{ '.config/lxc/config.yml': 'remotes: {}\n' },
  })
  expect((await failureOf(resolveRemote('good', options))).message).toMatch(/Cannot read ".*config.yml"/)
  expect((await listRemotes(options)).map(({ client }) => client)).not.toContain('incus')
})

test('a variable that names the file instead of its folder is an error that names the folder', async () => {
  for (const [variable, path] of [
    ['INCUS_CONF', '.config/incus'],
    ['LXD_CONF', '.config/lxc'],
  ] as const) {
    const { home: folder, environment } = await home({ [`${path}/config.yml`]: 'remotes: {}\n' })
    const named = { ...environment, [variable]: `${folder}/${path}/config.yml` }
    expect((await failureOf(resolveRemote(undefined, { environment: named }))).message).toMatch(
      new RegExp(
        `${variable} names the file ".*config.yml"; it must name the directory.*, here "${folder}/${path}"`,
      ),
    )
  }
})
