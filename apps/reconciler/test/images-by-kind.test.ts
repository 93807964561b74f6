import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeSplitImage, serveProxy, startSimplestreams } from '@hyperkit/conformance'
import { createSelfSignedCertificate } from '@hyperkit/connect'
import { expect, onTestFinished, test } from 'vitest'
import { openEmbedded } from './open-server.ts'
import { startCommand } from './start-command.ts'

const hosts = { incus: 'images.linuxcontainers.org', lxd: 'images.lxd.canonical.com' }

test('the remote "images" is the image server of each kind of server if both clients are configured', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'hk-kinds-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  const image = await makeSplitImage({ directory: cwd, name: 'tiny', seed: 'kinds' })
  const streams = await startSimplestreams({
    directory: cwd,
    images: [{ os: 'Tiny', release: 'edge', aliases: ['tiny/edge'], image }],
  })
  onTestFinished(() => streams.stop())
  const { certificate, key } = await createSelfSignedCertificate({
    commonName: 'images',
    hosts: Object.values(hosts),
  })
  const authority = join(cwd, 'authority.crt')
  writeFileSync(authority, certificate)
  const asked: string[] = []
  const web = createServer({ cert: certificate, key }, async ({ url, headers }, response) => {
    asked.push(headers.host ?? '')
    const answer = await fetch(`${streams.url}${url}`)
    response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    web.closeAllConnections()
    web.close()
  })
  // Only the proxy can resolve the two names, so the test reaches no real server.
  const proxy = await serveProxy(`https://127.0.0.1:${(web.address() as AddressInfo).port}`)
  onTestFinished(() => proxy.close())
  for (const client of ['incus', 'lxc']) {
    mkdirSync(join(cwd, client))
    writeFileSync(join(cwd, client, 'config.yml'), 'default-remote: local\nremotes: {}\n')
  }
  writeFileSync(
    join(cwd, 'incus/config.yml'),
    `remotes:\n  images: {addr: "https://${hosts.incus}", protocol: simplestreams, public: true}\n`,
  )
  const servers = []
  for (const dialect of ['lxd', 'incus'] as const) {
    const server = await openEmbedded(cwd, { dialect })
    onTestFinished(() => server.close())
    servers.push(`${dialect}: ${server.yaml}`)
  }
  writeFileSync(
    join(cwd, 'm.yaml'),
    `version: 1\nname: kinds\nservers: { ${servers.join(', ')} }\nimages:\n  - { name: tiny, source: { remote: images, alias: tiny/edge } }\n`,
  )
  const plan = async (): Promise<void> => {
    const { ended } = await startCommand(['plan', 'm.yaml'], {
      cwd,
      environment: {
        HOME: cwd,
        INCUS_CONF: join(cwd, 'incus'),
        LXD_CONF: join(cwd, 'lxc'),
        HTTPS_PROXY: proxy.url,
        NODE_EXTRA_CA_CERTS: authority,
        DENO_NO_UPDATE_CHECK: '1',
      },
    })
    const { code, stdout, stderr } = await ended
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain(image.fingerprint.slice(0, 12))
  }
  await plan()
  expect(new Set(asked)).toEqual(new Set(Object.values(hosts)))
  // A remote that the user added under that name is used for every server.
  asked.length = 0
  writeFileSync(
    join(cwd, 'incus/config.yml'),
    `remotes:\n  images: {addr: "https://${hosts.lxd}", protocol: simplestreams, public: true}\n`,
  )
  await plan()
  expect(new Set(asked)).toEqual(new Set([hosts.lxd]))
})
