import { dirname } from 'node:path'
import { connect, type Environment, listRemotes, resolveRemote } from '@hyperkit/connect'
import { expect, onTestFinished, test } from 'vitest'
import { failureOf, home } from './home.ts'
import { echo, serveSocket } from './serve.ts'

const remotes = (text: string, more = ''): string => `default-remote: prod\nremotes:\n${text}${more}`
const prod = '  prod:\n    addr: https://10.1.0.7:8443\n    protocol: incus\n    public: false\n'
const identity = { '.config/incus/client.crt': 'CERT', '.config/incus/client.key': 'KEY' }

test('a remote resolves to its address, pinned certificate, client certificate, authority and project', async () => {
  const options = await home({
    ...identity,
    '.config/incus/config.yml': remotes(prod, '    project: web\n    some_new_key: [1]\n'),
    '.config/incus/client.ca': 'CA',
    '.config/incus/servercerts/prod.crt': 'PIN',
  })
  expect(await resolveRemote('prod', options)).toMatchObject({
    remote: { name: 'prod', client: 'incus', origin: 'user', authType: 'tls' },
    project: 'web',
    transports: [
      {
        url: 'https://10.1.0.7:8443',
        name: 'prod',
        serverCertificate: 'PIN',
        certificateAuthority: 'CA',
        clientCertificate: { cert: 'CERT', key: 'KEY' },
      },
    ],
  })
  for (const name of [undefined, 'prod:', 'incus:prod', 'incus:']) {
    expect((await resolveRemote(name, options)).remote.name).toBe('prod')
  }
})

test('variables for folder, default remote and project take precedence over the file', async () => {
  const { home: folder, environment } = await home({
    'elsewhere/config.yml': remotes(prod, '    project: web\n  lab:\n    addr: https://lab:8443\n'),
    'elsewhere/client.crt': 'C',
    'elsewhere/client.key': 'K',
  })
  const changed = {
    ...environment,
    INCUS_CONF: `${folder}/elsewhere`,
    INCUS_REMOTE: 'lab',
    INCUS_PROJECT: 'dev',
  }
  expect(await resolveRemote(undefined, { environment: changed })).toMatchObject({
    remote: { name: 'lab' },
    project: 'dev',
  })
  expect((await resolveRemote('prod', { environment: changed })).project).toBe('dev')
})

test('the configuration of lxc is found in its folder, in that of its snap, and by its variables', async () => {
  const files = { 'config.yml': remotes(prod.replace('incus', 'lxd')), 'client.crt': 'C', 'client.key': 'K' }
  for (const folder of ['.config/lxc', 'snap/lxd/common/config']) {
    const options = await home(
      Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text])),
    )
    expect(await resolveRemote(undefined, options)).toMatchObject({
      remote: { client: 'lxc', protocol: 'lxd' },
    })
    const named = { ...options.environment, LXC_REMOTE: 'prod', LXD_CONF: `${options.home}/${folder}` }
    expect(await resolveRemote(undefined, { environment: named })).toMatchObject({
      remote: { client: 'lxc', name: 'prod' },
    })
  }
})

test('a name that both clients have is an error, unless it is the same server or a client is named', async () => {
  const both = async (address: string): Promise<{ environment: Environment }> =>
    home({
      ...identity,
      '.config/incus/config.yml': remotes(prod),
      '.config/lxc/config.yml': remotes(prod.replace('incus', 'lxd').replace('10.1.0.7', address)),
      '.config/lxc/client.crt': 'LC',
      '.config/lxc/client.key': 'LK',
    })
  const options = await both('10.1.0.8')
  expect((await failureOf(resolveRemote('prod', options))).message).toMatch(/"incus:prod" or "lxc:prod"/)
  expect((await failureOf(resolveRemote(undefined, options))).message).toMatch(/"incus:prod" or "lxc:prod"/)
  expect((await resolveRemote('lxc:prod', options)).transports[0]).toMatchObject({
    clientCertificate: { cert: 'LC' },
  })
  expect((await resolveRemote('prod', { ...options, client: 'lxc' })).remote.client).toBe('lxc')
  expect((await resolveRemote('prod', await both('10.1.0.7'))).remote.client).toBe('incus')
})

test('a remote of the global folder uses the pin there and the client certificate of the user', async () => {
  const options = await home({
    ...identity,
    '.config/incus/config.yml': 'remotes: {}\n',
    'etc-incus/config.yml': remotes(prod),
    'etc-incus/servercerts/prod.crt': 'GLOBAL PIN',
  })
  expect(await resolveRemote('prod', options)).toMatchObject({
    remote: { origin: 'global' },
    transports: [{ serverCertificate: 'GLOBAL PIN', clientCertificate: { cert: 'CERT' } }],
  })
})

test('a remote may have a client certificate of its own', async () => {
  const options = await home({
    ...identity,
    '.config/incus/config.yml': remotes(prod),
    '.config/incus/clientcerts/prod.crt': 'OWN',
    '.config/incus/clientcerts/prod.key': 'OWN KEY',
    '.config/incus/clientcerts/prod.ca': 'OWN CA',
  })
  expect((await resolveRemote('prod', options)).transports[0]).toMatchObject({
    clientCertificate: { cert: 'OWN', key: 'OWN KEY' },
    certificateAuthority: 'OWN CA',
  })
})

test('no client certificate is presented to a public remote', async () => {
  const options = await home({
    ...identity,
    '.config/incus/config.yml': remotes(prod.replace('public: false', 'public: true')),
  })
  expect((await resolveRemote('prod', options)).transports[0]).not.toHaveProperty('clientCertificate')
})

test('several addresses of a remote are kept in their order', async () => {
  const file = remotes(prod.replace('https://10.1.0.7:8443', 'https://10.1.0.7:8443, https://[fd00::7]:8443'))
  const { transports } = await resolveRemote(
    'prod',
    await home({ ...identity, '.config/incus/config.yml': file }),
  )
  expect(transports.map(({ url }) => url)).toEqual(['https://10.1.0.7:8443', 'https://[fd00::7]:8443'])
})

test('all forms of unix addresses are understood', async () => {
  const { path } = await open()
  const file = (address: string): string => `remotes:\n  box:\n    addr: ${address}\n`
  for (const address of [`unix:${path}`, `unix://${path}`]) {
    expect(
      (await resolveRemote('box', await home({ '.config/incus/config.yml': file(address) }))).transports,
    ).toMatchObject([{ socket: path, name: 'box' }])
  }
  const options = await home({ '.config/incus/config.yml': file('unix://') })
  const named = { ...options.environment, INCUS_SOCKET: path }
  expect((await resolveRemote('box', { environment: named })).transports[0]).toMatchObject({ socket: path })
  const inFolder = { ...options.environment, INCUS_DIR: dirname(path) }
  expect((await resolveRemote('local', { environment: inFolder })).transports[0]).toMatchObject({
    socket: path,
  })
})

test('without any configuration the local server is used, be it Incus or LXD', async () => {
  const { path } = await open()
  const { environment } = await home()
  const lxd = { ...environment, LXD_DIR: dirname(path) }
  expect(await resolveRemote(undefined, { environment: lxd })).toMatchObject({
    remote: { client: 'lxc' },
    transports: [{ socket: path }],
  })
  const client = await connect({ environment: lxd })
  expect(client.name).toBe('local')
  client.close()
  const both = { ...environment, LXD_DIR: dirname(path), INCUS_DIR: dirname((await open()).path) }
  expect((await failureOf(resolveRemote(undefined, { environment: both }))).message).toMatch(
    /"incus:local" or "lxc:local"/,
  )
  const error = await failureOf(resolveRemote(undefined, { environment }))
  expect(error.message).toContain(`${environment.INCUS_DIR}/unix.socket`)
  expect(error.message).toContain(`${environment.LXD_DIR}/unix.socket`)
  expect(error.message).toContain('.config/incus/config.yml')
})

test('a remote that cannot be used is refused with the reason', async () => {
  const pem = (kind: string): string =>
    `-----BEGIN ${kind}PRIVATE KEY-----\nAAAA\n-----END ${kind}PRIVATE KEY-----\n`
  const of = async (files: Record<string, string>, text = prod): Promise<string> =>
    (
      await failureOf(
        resolveRemote('prod', await home({ '.config/incus/config.yml': remotes(text), ...files })),
      )
    ).message
  expect(await of({})).toMatch(/no client certificate ".*client.crt".*incus remote add/)
  expect(await of({ '.config/incus/client.crt': 'C' })).toMatch(
    /client.crt" exists, but ".*client.key" does not/,
  )
  for (const kind of ['ENCRYPTED ', 'OPENSSH ']) {
    expect(await of({ '.config/incus/client.crt': 'C', '.config/incus/client.key': pem(kind) })).toMatch(
      /(encrypted|OpenSSH).*(openssl|ssh-keygen)/,
    )
  }
  expect(await of({}, prod.replace('protocol: incus', 'protocol: simplestreams'))).toMatch(
    /simplestreams image server without an API/,
  )
  expect(await of({}, prod.replace('protocol: incus', 'protocol: ftp'))).toMatch(/protocol "ftp"/)
  expect(await of({}, `${prod}    auth_type: candid\n`)).toMatch(/login "candid"/)
  expect((await failureOf(resolveRemote('nope', await home()))).message).toMatch(
    /no such remote; known remotes: incus:local, incus:images, lxc:local/,
  )
  expect((await failureOf(resolveRemote('images', await home()))).message).toMatch(/simplestreams/)
})

test('an OIDC access token is used even if the expiry in its file has passed', async () => {
  const token = async (text?: string): Promise<unknown> => {
    const files = text === undefined ? {} : { '.config/incus/oidctokens/prod.json': text }
    const options = await home({
      '.config/incus/config.yml': remotes(`${prod}    auth_type: oidc\n`),
      ...files,
    })
    const [transport] = (await resolveRemote('prod', options)).transports
    expect(transport).not.toHaveProperty('clientCertificate')
    return typeof transport.url === 'string' && typeof transport.token === 'function'
      ? transport.token()
      : undefined
  }
  expect(await token('{"access_token":"T","expiry":"0001-01-01T00:00:00Z"}')).toBe('T')
  // After a login, incus 6.0.4 writes the time of the login.
  const login =
    '{"access_token":"T","refresh_token":"R","expiry":"2020-01-01T00:00:00Z","IDTokenClaims":null}'
  expect(await token(login)).toBe('T')
  expect((await failureOf(token('{'))).message).toMatch(
    /prod.json" is not JSON; log in with "incus info prod:/,
  )
  expect((await failureOf(token())).message).toMatch(/no OIDC token/)
})

test('the list of remotes shows the client and origin of each, and the defaults', async () => {
  const all = await listRemotes(await home({ '.config/incus/config.yml': remotes(prod) }))
  expect(
    all.map(({ client, name, origin, isDefault }) => `${client}:${name} ${origin}${isDefault ? ' *' : ''}`),
  ).toEqual([
    'incus:local built-in',
    'incus:prod user *',
    'lxc:local built-in *',
    'lxc:images built-in',
    'lxc:ubuntu built-in',
    'lxc:ubuntu-daily built-in',
    'lxc:ubuntu-minimal built-in',
    'lxc:ubuntu-minimal-daily built-in',
  ])
})

async function open(): Promise<{ path: string }> {
  const socket = await serveSocket(echo)
  onTestFinished(() => socket[Symbol.asyncDispose]())
  return socket
}
