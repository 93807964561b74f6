import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { explainAbsence, type RunningCluster, startCluster } from '@hyperkit/conformance'
import { connect } from '@hyperkit/connect'
import { uploadImage } from '@hyperkit/files'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { startWatch } from './start-watch.ts'

const absence = explainAbsence('incus-7.0-cluster')
let cwd: string
const id = `w${randomUUID().slice(0, 8)}`
let cluster: RunningCluster

beforeAll(async () => {
  if (absence !== undefined) return
  cwd = mkdtempSync(join(tmpdir(), 'hk-watch-'))
  cluster = await startCluster('incus-7.0')
})
afterAll(async () => {
  if (absence !== undefined) return
  await cluster?.stop()
  rmSync(cwd, { recursive: true, force: true })
})

test('a watch at one member undoes a change that was made through another one, because of its event', async (context) => {
  if (absence !== undefined) return context.skip(absence)
  const [watched, other] = cluster.members
  const { cert, key } = cluster.clientCertificate
  const files = { 'server.crt': cluster.serverCertificate, 'client.crt': cert, 'client.key': key }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
  const image = join(cwd, 'a.tar.gz')
  makeImage(image, id)
  const server = `{ url: "${watched.url}", serverCertificate: server.crt, clientCertificate: client.crt, clientKey: client.key }`
  writeFileSync(
    join(cwd, 'images.yaml'),
    `version: 1\nname: ${id}\nservers: { it: ${server} }\nimages: [{ name: ${id}, source: { file: a.tar.gz } }]\n`,
  )
  // No pass is due by schedule during the test.
  const watch = await startWatch(['images.yaml', '--yes', '--interval', '1d'], { cwd })
  const { url, serverCertificate, clientCertificate } = other
  const client = await connect({ url, serverCertificate, clientCertificate })
  onTestFinished(() => client.close())
  const { target } = await client.aliases.get(id)
  const foreign = join(cwd, 'b.tar.gz')
  makeImage(foreign, `${id} foreign`)
  const { fingerprint } = await uploadImage(client, foreign)
  await client.aliases.set(id, { target: fingerprint })
  await watch.until(async () => (await watch.sum('hyperkit_runs_total', 'result="changed"')) === 2)
  expect((await client.aliases.get(id)).target).toBe(target)
})
