import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { Readable } from 'node:stream'
import { makeImage } from '@hyperkit/conformance'
import { createSelfSignedCertificate } from '@hyperkit/connect'
import { createImageServer, type ImageServer } from '@hyperkit/embedded'
import { uploadImage } from '@hyperkit/files'
import type { Screen } from '@hyperkit/terminal'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtInScripts } from '../src/built-in-scripts.ts'
import { manifestCommands, runCli } from '../src/run-cli.ts'
import { writeRemotes } from './open-remotes.ts'

const home = mkdtempSync(join(tmpdir(), 'hk-dry-'))
const place = (name: string): string => join(home, name)
const saved = { ...process.env }
const changing: string[] = []
let images: ImageServer
let server: Server
let url: string
let fingerprint: string
let operation: string

/** Serves an embedded server, and notes the requests that may change something. */
function serve(inner: ImageServer, identity: { key: string; cert: string }): Server {
  return createServer(identity, (incoming, outgoing) => {
    const { method = 'GET' } = incoming
    if (method !== 'GET' && method !== 'HEAD') changing.push(`${method} ${incoming.url}`)
    const hasBody = method !== 'GET' && method !== 'HEAD'
    const request = new Request(`http://embedded${incoming.url}`, {
      method,
      headers: incoming.headers as Record<string, string>,
      ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' } : {}),
    } as RequestInit)
    void inner.fetch(request).then(async (answer) => {
      outgoing.writeHead(answer.status, Object.fromEntries(answer.headers))
      outgoing.end(Buffer.from(await answer.arrayBuffer()))
    })
  })
}

beforeAll(async () => {
  images = createImageServer({ dialect: 'incus', instances: [{ name: 'c1' }] })
  const made = await createSelfSignedCertificate({ commonName: '127.0.0.1' })
  const identity = { key: made.key, cert: made.certificate }
  server = serve(images, identity)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const described = { url, serverCertificate: made.certificate, clientCertificate: identity }
  const remotes = writeRemotes(home, { main: described, other: described })
  Object.assign(process.env, remotes.environment, { XDG_CACHE_HOME: place('cache') })
  const old = await makeImage({ directory: home, name: 'old' })
  const client = await remotes.client('main')
  fingerprint = (await uploadImage(client, old.path, { aliases: ['a'] })).fingerprint
  // A trust token is an operation that stays.
  const body = JSON.stringify({ name: 't', type: 'client', token: true })
  const asked = new Request('http://embedded/1.0/certificates', { method: 'POST', body })
  const answer = (await (await images.fetch(asked)).json()) as { operation: string }
  operation = answer.operation.split('/').pop() ?? ''
  client.close()
  await makeImage({ directory: home, name: 'new' })
  const image = '{ name: web, source: { file: new.tar.gz } }'
  writeFileSync(
    place('images.yaml'),
    `version: 1\nname: n\nservers: { main: { remote: main }, other: { remote: other } }\nprune: { maxDelete: 5 }\nimages: [${image}]\n`,
  )
})
afterAll(async () => {
  for (const name of Object.keys(process.env)) if (!(name in saved)) delete process.env[name]
  Object.assign(process.env, saved)
  server.close()
  await images.close()
  rmSync(home, { recursive: true, force: true })
})

/** For each script, the words with which it would change or write something; a text says why it has none. */
const words: Record<string, (() => string[]) | string> = {
  'alias-create': () => ['b', fingerprint],
  'alias-delete': () => ['a'],
  'alias-list': 'reads',
  'alias-rename': () => ['a', 'b'],
  'alias-set': () => ['b', fingerprint],
  copy: () => ['main:a', 'other:', '--mode', 'relay', '--target-project', 'p'],
  delete: () => ['a'],
  doctor: 'reads',
  edit: 'needs an editor; its only request is that of set-property',
  export: () => ['a', place('exported.tar.gz')],
  'generate-metadata': () => [place('made.tar.gz'), '--os', 'x', '--release', 'y'],
  'get-property': 'reads',
  import: () => [place('new.tar.gz'), '--alias', 'c'],
  info: 'reads',
  list: 'reads',
  'operation-cancel': () => [operation],
  'operation-list': 'reads',
  'operation-show': 'reads',
  'operation-wait': 'reads',
  publish: () => ['c1', '--alias', 'c'],
  refresh: () => ['a'],
  'remote-add': () => ['fresh', url, '--client', 'lxc', '--accept-certificate'],
  'remote-list': 'reads',
  secret: () => ['a'],
  'set-property': () => ['a', 'team=web'],
  show: 'reads',
  'trust-token': () => ['laptop'],
  'unset-property': () => ['a', 'os'],
  unused: () => ['--delete'],
  verify: 'reads',
  adopt: () => ['web', '--file', place('images.yaml')],
  apply: () => [place('images.yaml'), '--server', 'main'],
  'export-manifest': () => ['--remote', 'main', '--out', place('exported.yaml')],
  'force-unlock': () => ['--file', place('images.yaml')],
  history: 'reads',
  plan: () => [place('images.yaml'), '--out', place('plan.json')],
  promote: 'ends as apply does',
  prune: () => [place('images.yaml')],
  rollback: 'ends as apply does',
  schema: 'reads',
  update: () => [place('images.yaml')],
  validate: 'reads',
  watch: 'runs until a signal',
}

/** All files below the home folder, with their content. */
function readFiles(): string[] {
  return readdirSync(home, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      const content = entry.isFile()
        ? createHash('sha256').update(readFileSync(path)).digest('hex')
        : 'folder'
      return `${path} ${content}`
    })
    .sort()
}

async function run(line: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', '']
  const screen: Screen = {
    async out(text) {
      out += text
    },
    async error(line) {
      err += `${line}\n`
    },
    live() {},
    size: () => ({ columns: 80, rows: 20 }),
    isLive: false,
    outHasColours: false,
    errorHasColours: false,
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
  const code = await runCli(line, { builtIn: builtInScripts(), screen })
  return { code, out, err }
}

test('the table has every script', async () => {
  const all = [...(await builtInScripts().names()), ...manifestCommands.map(({ name }) => name)]
  expect(Object.keys(words).sort()).toEqual(all.sort())
})

for (const [name, given] of Object.entries(words)) {
  if (typeof given === 'string') continue
  test(`"${name} --dry-run" writes nothing on this machine and on the server`, async () => {
    const before = readFiles()
    changing.length = 0
    const { code, out, err } = await run([name, ...given(), '--dry-run'])
    const isRefused = err.includes('"--dry-run" writes nothing')
    expect([code, isRefused ? '' : err], out).toEqual([
      isRefused ? 1 : 0,
      expect.not.stringContaining('Cannot'),
    ])
    expect(changing).toEqual([])
    expect(readFiles()).toEqual(before)
  })
}
