import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { addRemote, listRemotes, readClientConfiguration, resolveRemote } from '@hyperkit/connect'
import { expect, test } from 'vitest'
import { failureOf, home } from './home.ts'

const remote = (name: string): string =>
  `default-remote: ${name}\nremotes:\n  ${name}:\n    addr: https://10.1.0.7:8443\n    public: true\n`

test('the configuration of Incus follows XDG_CONFIG_HOME, and the file that older versions left is reported as not read', async () => {
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
    /no such remote; .*\/\.config\/incus\/config.yml" exists too, but is read only if INCUS_CONF names its directory/,
  )
  // A relative path is invalid, and the client ignores it too.
  for (const XDG_CONFIG_HOME of ['xdg', '']) {
    const relative = { ...environment, XDG_CONFIG_HOME }
    expect((await resolveRemote(undefined, { environment: relative })).remote.name).toBe('old')
  }
})

test('a link to the folder that is read does not count as another folder', async () => {
  const { home: folder, environment } = await home({ 'xdg/incus/config.yml': remote('new') })
  await mkdir(`${folder}/.config`)
  await symlink(`${folder}/xdg/incus`, `${folder}/.config/incus`)
  const xdg = { ...environment, XDG_CONFIG_HOME: `${folder}/xdg` }
  const [incus] = await readClientConfiguration({ environment: xdg, client: 'incus' })
  expect(incus).toMatchObject({ file: `${folder}/xdg/incus/config.yml`, otherFiles: [] })
})

test('the file in the old folder is read if it is the only one', async () => {
  const { home: folder, environment } = await home({ '.config/incus/config.yml': remote('old') })
  const xdg = { ...environment, XDG_CONFIG_HOME: `${folder}/xdg` }
  expect((await resolveRemote(undefined, { environment: xdg })).remote).toMatchObject({
    name: 'old',
    file: `${folder}/.config/incus/config.yml`,
  })
})

test('of the files of the Debian package and of the snap, the first is read and the second reported', async () => {
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

test('remotes of the global folder are listed, and those of the user take precedence', async () => {
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

test('a new file is made in the folder in which the client looks for it', async () => {
  const { home: folder, environment } = await home()
  const xdg = { ...environment, XDG_CONFIG_HOME: `${folder}/xdg` }
  const added = { name: 'new', address: 'https://10.1.0.7:8443', public: true }
  expect(await addRemote(added, { environment: xdg, client: 'incus' })).toBe(`${folder}/xdg/incus/config.yml`)
  // A user of the snap's client has its certificate, but perhaps no remote yet.
  await mkdir(`${folder}/snap/lxd/common/config`, { recursive: true })
  await writeFile(`${folder}/snap/lxd/common/config/client.crt`, 'C')
  expect(await addRemote(added, { environment, client: 'lxc' })).toBe(
    `${folder}/snap/lxd/common/config/config.yml`,
  )
})

test('what the clients wrote stays as it is when a remote is added, and a name that YAML 1.1 takes for a boolean is quoted', async () => {
  const written = 'default-remote: old\nremotes:\n  old:\n    addr: https://10.1.0.9:8443\n    public: yes\n'
  const { environment, home: folder } = await home({ '.config/incus/config.yml': written })
  const added = { name: 'no', address: 'https://10.1.0.7:8443', project: 'on', public: true }
  const file = await addRemote(added, { environment, client: 'incus' })
  expect(file).toBe(`${folder}/.config/incus/config.yml`)
  expect(await readFile(file, 'utf8')).toBe(
    `${written}  "no":\n    addr: https://10.1.0.7:8443\n    project: "on"\n    protocol: incus\n    public: true\n`,
  )
})
