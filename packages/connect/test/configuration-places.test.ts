import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { addRemote, listRemotes, readClientConfiguration, resolveRemote } from '@hyperkit/connect'
import { expect, test } from 'vitest'
import { failureOf, home } from './home.ts'

const remote = (name: string): string =>
  `default-remote: ${name}\nremotes:\n  ${name}:\n    addr: https://10.1.0.7:8443\n    public: true\n`

test('Incus follows XDG_CONFIG_HOME, and what older ones left beside it is told apart', async () => {
  const { home: folder, environment } = await home({
    'xdg/incus/config.yml': remote('new'),
    '.config/incus/config.yml': remote('old'),
  })
  const xdg = { ...environment, XDG_CONFIG_HOME: `${folder}/xdg` }
  const [incus] = await readClientConfiguration({ environment: xdg, client: 'incus' })
  expect(incus).toMatchObject({
    file: `${folder}/xdg/incus/config.yml`,
    otherFiles: [`${folder}/.config/incus/config.yml`],
    defaultRemote: 'new',
  })
  expect((await failureOf(resolveRemote('old', { environment: xdg }))).message).toMatch(
    /no such remote; .*there is also ".*\/\.config\/incus\/config.yml", which is read only where a variable/,
  )
  // A relative one is invalid, and ignored by the client too.
  for (const XDG_CONFIG_HOME of ['xdg', '']) {
    const relative = { ...environment, XDG_CONFIG_HOME }
    expect((await resolveRemote(undefined, { environment: relative })).remote.name).toBe('old')
  }
})

test('a link to the folder that is read is no other folder', async () => {
  const { home: folder, environment } = await home({ 'xdg/incus/config.yml': remote('new') })
  await mkdir(`${folder}/.config`)
  await symlink(`${folder}/xdg/incus`, `${folder}/.config/incus`)
  const xdg = { ...environment, XDG_CONFIG_HOME: `${folder}/xdg` }
  const [incus] = await readClientConfiguration({ environment: xdg, client: 'incus' })
  expect(incus).toMatchObject({ file: `${folder}/xdg/incus/config.yml`, otherFiles: [] })
})

test('where only the old folder has a file, that one is read', async () => {
  const { home: folder, environment } = await home({ '.config/incus/config.yml': remote('old') })
  const xdg = { ...environment, XDG_CONFIG_HOME: `${folder}/xdg` }
  expect((await resolveRemote(undefined, { environment: xdg })).remote).toMatchObject({
    name: 'old',
    file: `${folder}/.config/incus/config.yml`,
  })
})

test('the file of the snap and that of the Debian package are told apart', async () => {
  const options = await home({
    '.config/lxc/config.yml': remote('deb'),
    'snap/lxd/common/config/config.yml': remote('snap'),
  })
  const [lxc] = await readClientConfiguration({ ...options, client: 'lxc' })
  expect(lxc).toMatchObject({
    file: `${options.home}/.config/lxc/config.yml`,
    otherFiles: [`${options.home}/snap/lxd/common/config/config.yml`],
  })
  const chosen = { ...options.environment, LXD_CONF: `${options.home}/snap/lxd/common/config/` }
  expect((await resolveRemote(undefined, { environment: chosen })).remote).toMatchObject({
    name: 'snap',
    file: `${options.home}/snap/lxd/common/config/config.yml`,
  })
})

test('a global folder of a client has remotes, and the own ones go before', async () => {
  const options = await home({
    'etc-lxd/config.yml': `${remote('site')}  both:\n    addr: https://10.1.0.8:8443\n    public: true\n`,
    '.config/lxc/config.yml': 'remotes:\n  both:\n    addr: https://10.1.0.9:8443\n    public: true\n',
  })
  const all = await listRemotes({ ...options, client: 'lxc' })
  expect(all.find(({ name }) => name === 'site')).toMatchObject({
    origin: 'global',
    file: `${options.home}/etc-lxd/config.yml`,
  })
  expect(all.find(({ name }) => name === 'both')).toMatchObject({
    origin: 'user',
    addresses: ['https://10.1.0.9:8443'],
  })
})

test('a new file is made where the client will look for it', async () => {
  const { home: folder, environment } = await home()
  const xdg = { ...environment, XDG_CONFIG_HOME: `${folder}/xdg` }
  const added = { name: 'new', address: 'https://10.1.0.7:8443', public: true }
  expect(await addRemote(added, { environment: xdg, client: 'incus' })).toBe(`${folder}/xdg/incus/config.yml`)
  // Whoever has used the snap's client has its certificate, though maybe no remote yet.
  await mkdir(`${folder}/snap/lxd/common/config`, { recursive: true })
  await writeFile(`${folder}/snap/lxd/common/config/client.crt`, 'C')
  expect(await addRemote(added, { environment, client: 'lxc' })).toBe(
    `${folder}/snap/lxd/common/config/config.yml`,
  )
})
