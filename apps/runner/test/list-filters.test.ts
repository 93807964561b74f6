import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { makeImage, makeSplitImage, type ServerDescription, type ServerVersion } from '@hyperkit/conformance'
import type { Client } from '@hyperkit/core'
import { uploadImage } from '@hyperkit/files'
import { filterImages, filterRulesOf } from '@hyperkit/script'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeProject } from './make-project.ts'
import { writeRemotes } from './open-remotes.ts'
import { type ServedStreams, serveStreams } from './serve-streams.ts'
import { runHyperkit } from './start-command.ts'

/** The servers' own clients. */
const programs: Partial<Record<ServerVersion, string>> = {
  'lxd-5.0': 'lxc',
  'lxd-5.0.3': '/var/lib/hyperkit/bin/lxc-5.0.3',
  'incus-6.0': 'incus',
  'incus-7.0': '/var/lib/hyperkit/bin/incus-7.0',
}

const filters = [
  ...[['type=container'], ['type=CONTAINER'], ['type=virtual.*'], ['type=squashfs']],
  ...[['architecture=x86_64'], ['architecture=X86.*'], ['architecture=amd64'], ['filename=^tiny-one']],
  ...[['description=^x'], ['description=x'], ['description=edge$'], ['os=Tiny'], ['os=TINY'], ['os=T.*']],
  ...[
    ['o=Tiny'],
    ['user.kind=small'],
    ['u.k=small'],
    ['release=3\\.2[0-9]'],
    ['release=[3'],
    ['os=Tiny,Other'],
  ],
  ...[['listed'], ['LISTED'], ['type=container', 'os=Other'], ['os=Tiny', 'listed'], ['nosuch=x']],
]
/** Filters on booleans, which never match on LXD 5.0.2 (T26). */
const booleans = [
  ['public=true'],
  ['public=false'],
  ['auto_update=false'],
  ['public=false', 'type=container'],
]

describe.each(Object.entries(programs))('the filters of list on %s', (version, program) => {
  const id = `r${randomUUID().slice(0, 8)}`
  const cwd = mkdtempSync(join(tmpdir(), 'hk-filters-'))
  let environment: Record<string, string> = {}
  let client: Client | undefined
  let removeProject = async (): Promise<void> => {}
  let streams: ServedStreams | undefined
  let fingerprints: string[] = []

  beforeAll(async () => {
    const servers = JSON.parse(process.env.HYPERKIT_SERVERS || '[]') as ServerDescription[]
    const server = servers.find((one) => one.version === version)
    if (server === undefined) return
    const split = await makeSplitImage({ directory: cwd, name: `${id}-streamed`, seed: id })
    streams = await serveStreams({
      directory: cwd,
      images: [{ os: 'Tiny', release: 'edge', aliases: ['tiny/edge'], image: split }],
    })
    const remotes = writeRemotes(cwd, { main: server }, { streams })
    environment = { ...remotes.environment, LXD_CONF: join(cwd, 'lxd') }
    writeClient(cwd, server, streams)
    client = await remotes.client('main')
    removeProject = (await makeProject(client, id)).remove
    fingerprints = await fill(client.project(id), cwd)
  })
  beforeEach((context) => {
    if (client === undefined) context.skip(`HYPERKIT_SERVERS names no ${version}`)
    if (!isInstalled(program)) context.skip(`its own client, ${program}, is not installed`)
  })
  afterAll(async () => {
    if (client !== undefined) await removeProject()
    client?.close()
    await streams?.close()
    rmSync(cwd, { recursive: true, force: true })
  })

  const within = (): Client => (client as Client).project(id)

  const theirs = async (words: readonly string[]): Promise<string[]> => {
    const args = ['image', 'list', ...words, '-c', 'F', '-f', 'csv']
    const env = { PATH: process.env.PATH ?? '', ...environment }
    const { stdout } = await promisify(execFile)(program, args, { env, cwd })
    return linesOf(stdout)
  }
  const ours = async (words: readonly string[]): Promise<string[]> => {
    const { code, stdout } = await runHyperkit(['list', ...words, '-c', 'F', '-f', 'csv'], {
      cwd,
      environment,
    })
    expect(code).toBe(0)
    return linesOf(stdout)
  }

  test('the filters of list find what the client of the server finds', async () => {
    // This calls the functions, because the command takes a second to start on a busy machine and does the same.
    const { images, server, name } = within()
    const [all, rules] = [await images.list(), filterRulesOf(await server())]
    const found = new Set<string>()
    for (const words of [...filters, ...(version === 'lxd-5.0' ? [] : booleans)]) {
      const expected = await theirs(['main:', ...words, '--project', id])
      const listed = filterImages(all, words, { rules, columns: {}, name }).images
      expect([words, listed.map(({ fingerprint }) => fingerprint).sort()]).toEqual([words, expected])
      found.add(expected.join())
    }
    expect(found.size).toBeGreaterThan(4)
  })

  test('the filters of list find booleans', async () => {
    const [one = '', two = '', three = ''] = fingerprints
    for (const [word, expected] of [
      ['public=true', [one]],
      ['public=false', [two, three]],
      ['auto_update=true', [two]],
    ] as const)
      expect([word, await ours(['main:', word, '--project', id])]).toEqual([word, [...expected].sort()])
  })

  test('the filters of list find parts of fingerprints, and the first word can be a server and a filter', async () => {
    const [one = ''] = fingerprints
    for (const word of [one.slice(7, 30), one.slice(0, 9), one]) {
      expect(await theirs(['main:', word, '--project', id])).toEqual([one])
      // `incus` 7 does not read a filter after the remote in the first word.
      if (version !== 'incus-7.0') expect(await theirs([`main:${word}`, '--project', id])).toEqual([one])
      expect(await ours([`main:${word}`, '--project', id])).toEqual([one])
    }
  })

  test('the filters of list find on a simplestreams server what the client finds there', async () => {
    const found = []
    for (const word of [
      'type=container',
      'type=squashfs',
      'architecture=x86_64',
      'os=Tiny',
      'os=tiny',
      'edge',
      'x',
    ]) {
      const expected = await theirs([`streams:`, word])
      expect([word, await ours(['streams:', word])]).toEqual([word, expected])
      found.push(expected.length)
    }
    expect(new Set(found)).toEqual(new Set([0, 1]))
  })
})

/** Writes the configuration of the servers' own clients; `writeRemotes` writes only that of `incus`. */
function writeClient(cwd: string, server: ServerDescription, streams: ServedStreams): void {
  for (const [folder, kind] of [
    ['lxd', 'lxd'],
    ['incus', 'incus'],
  ] as const) {
    const own = join(cwd, folder)
    mkdirSync(join(own, 'servercerts'), { recursive: true })
    if (kind === 'lxd')
      writeFileSync(
        join(own, 'config.yml'),
        `default-remote: main\nremotes:\n  main: { addr: "${server.url}", protocol: lxd }\n  streams: { addr: "${streams.url}", protocol: simplestreams, public: true }\n`,
      )
    writeFileSync(join(own, 'client.crt'), server.clientCertificate.cert)
    writeFileSync(join(own, 'client.key'), server.clientCertificate.key)
    writeFileSync(join(own, 'servercerts/main.crt'), server.serverCertificate)
    writeFileSync(join(own, 'servercerts/streams.crt'), streams.serverCertificate)
  }
}

/** Uploads a public container, a virtual machine with automatic updates, and another container. */
async function fill(client: Client, directory: string): Promise<string[]> {
  const one = await makeImage({
    directory,
    name: 'tiny-one',
    properties: {
      os: 'Tiny',
      description: 'x of edge',
      release: '3.20',
      'user.kind': 'small',
      architecture: 'amd64',
    },
  })
  const machine = await makeSplitImage({
    directory,
    name: 'tiny-two',
    rootfs: 'qcow2',
    properties: { os: 'Tiny' },
  })
  const three = await makeImage({
    directory,
    name: 'three',
    properties: { os: 'Other', release: '4', type: 'squashfs' },
  })
  const paths = { metadata: machine.metadata.path, rootfs: machine.rootfs.path }
  return [
    (await uploadImage(client, one.path, { public: true, aliases: ['listed/one'] })).fingerprint,
    (await uploadImage(client, paths, { autoUpdate: true })).fingerprint,
    (await uploadImage(client, three.path)).fingerprint,
  ]
}

function isInstalled(program: string): boolean {
  const folders = program.startsWith('/') ? [''] : (process.env.PATH ?? '').split(delimiter)
  return folders.some((folder) => existsSync(join(folder, program)))
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .sort()
}
