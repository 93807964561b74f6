import { access, readFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import {
  addRemote,
  type ClientName,
  compareWithClient,
  type RemoteDifference,
  readClientConfiguration,
} from '@hyperkit/connect'
import { expect, test } from 'vitest'
import { home } from './home.ts'

const minimal = (kind: string): string => `https://cloud-images.ubuntu.com/minimal/${kind}/`
const onlyOurs = (name: string, address: string): RemoteDifference => ({
  name,
  theirs: undefined,
  ours: [address],
})
const images = 'https://images.lxd.canonical.com'

/** What differs in LXD's older clients; the table of the package is that of the newest. */
const older = {
  '5.0.2 of bookworm': [
    { name: 'images', theirs: ['https://images.linuxcontainers.org'], ours: [images] },
    onlyOurs('ubuntu-minimal', minimal('releases')),
    onlyOurs('ubuntu-minimal-daily', minimal('daily')),
  ],
  '5.0.2+git20231211 of trixie': [onlyOurs('images', images)],
}

/** A client, and the differences that are allowed: for a client of unknown version, those of each version. */
type Row = [title: string, client: ClientName, program: string, known: (readonly RemoteDifference[])[]]

const beside = (daemon: string | undefined, client: ClientName): Row[] =>
  daemon ? [[`${client} beside ${daemon}`, client, join(dirname(daemon), client), [[]]]] : []

test.for<Row>([
  ['incus of this machine', 'incus', 'incus', [[]]],
  ['incus 7.0 of trixie', 'incus', '/var/lib/hyperkit/bin/incus-7.0', [[]]],
  ['lxc of this machine', 'lxc', 'lxc', [[], ...Object.values(older)]],
  ['lxc of trixie', 'lxc', '/var/lib/hyperkit/bin/lxc-5.0.3', [older['5.0.2+git20231211 of trixie']]],
  ...beside(process.env.HYPERKIT_INCUS, 'incus'),
  ...beside(process.env.HYPERKIT_LXD, 'lxc'),
])(
  'the built-in remotes are those of %s, except for known differences',
  async ([, client, program, known], context) => {
    if (!(await isInstalled(program))) context.skip(`there is no ${program}`)
    const options = await home()
    const [fresh] = await readClientConfiguration({ ...options, client })
    if (fresh === undefined) return
    const differences = await compareWithClient(fresh, { program })
    expect(known).toContainEqual(differences?.sort((a, b) => a.name.localeCompare(b.name)))
  },
)

test.for([
  ['incus', '.config/incus'],
  ['lxc', '.config/lxc'],
] as const)(
  'a configuration of %s is compared in a copy, and differences are reported',
  async ([client, path], context) => {
    if (!(await isInstalled(client))) context.skip(`there is no ${client}`)
    const text =
      'default-remote: prod\nremotes:\n  prod: {addr: "https://10.1.0.7:8443"}\n  odd: {addr: "https://x", project: 12}\n'
    const options = await home({ [`${path}/config.yml`]: text })
    const [read] = await readClientConfiguration({ ...options, client })
    if (read === undefined) return
    const names = (await compareWithClient(read))?.map(({ name }) => name) ?? []
    expect(names).not.toContain('prod')
    // A remote that is disabled here is in the list all the same.
    expect(names).not.toContain('odd')
    const remotes = new Map([...read.remotes].filter(([name]) => name !== 'prod'))
    expect(await compareWithClient({ ...read, remotes })).toContainEqual({
      name: 'prod',
      theirs: ['https://10.1.0.7:8443'],
      ours: undefined,
    })
  },
)

test.for([
  ['incus', 'incus'],
  ['incus', '/var/lib/hyperkit/bin/incus-7.0'],
  ['lxc', 'lxc'],
  ['lxc', '/var/lib/hyperkit/bin/lxc-5.0.3'],
] as const)(
  'a remote that is added to a new configuration of %s is listed by %s, and no other one is lost',
  async ([client, program], context) => {
    if (!(await isInstalled(program))) context.skip(`there is no ${program}`)
    const options = { ...(await home()), client }
    const file = await addRemote({ name: 'new', address: 'https://10.1.0.7:8443', project: 'web' }, options)
    // No present client of LXD uses the old address of `images`.
    expect((await readFile(file, 'utf8')).includes('linuxcontainers')).toBe(client === 'incus')
    const [read] = await readClientConfiguration(options)
    if (read === undefined) return
    const differences = (await compareWithClient(read, { program })) ?? []
    expect(differences.filter(({ theirs }) => theirs !== undefined)).toEqual([])
    expect(differences.map(({ name }) => name)).not.toContain('new')
  },
)

test('a comparison with a client that is not installed is undefined, and one with a client that fails says why', async () => {
  const [incus] = await readClientConfiguration({ ...(await home()), client: 'incus' })
  if (incus === undefined) return
  expect(await compareWithClient(incus, { program: '/nowhere/incus' })).toBeUndefined()
  await expect(compareWithClient(incus, { program: '/bin/false' })).rejects.toThrow(/false/)
})

async function isInstalled(program: string): Promise<boolean> {
  const paths = program.includes('/')
    ? [program]
    : (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, program))
  const found = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  )
  return found.includes(true)
}
