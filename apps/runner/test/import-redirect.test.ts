import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeImage } from '@hyperkit/conformance'
import { createSelfSignedCertificate } from '@hyperkit/connect'
import { expect, onTestFinished, test } from 'vitest'
import { openEmbedded, writeRemotes } from './open-remotes.ts'
import { runHyperkit } from './start-command.ts'

test('a file that an https page names may come from an http mirror, and the page itself may not without --sha256', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'hk-import-redirect-'))
  const host = '127.0.0.1'
  const { certificate, key } = await createSelfSignedCertificate({ commonName: host, hosts: [host] })
  writeFileSync(join(cwd, 'authority.crt'), certificate)
  const { path, fingerprint } = await makeImage({ directory: cwd, name: 'far', seed: 'redirect' })
  const listen = async (web: Server): Promise<string> => {
    await new Promise<void>((resolve) => web.listen(0, host, resolve))
    return `${host}:${(web.address() as AddressInfo).port}`
  }
  const asked: string[] = []
  const mirror = createHttp(({ method, url }, response) => {
    asked.push(`${method} ${url}`)
    response.end(method === 'HEAD' ? undefined : readFileSync(path))
  })
  const plain = await listen(mirror)
  const web = createServer({ cert: certificate, key }, ({ url, headers }, response) => {
    if (url === '/page')
      return response
        .writeHead(200, {
          'LXD-Image-Hash': fingerprint,
          'LXD-Image-URL': `https://${headers.host}/far.tar.gz`,
        })
        .end()
    response.writeHead(302, { location: `http://${plain}${url}` }).end()
  })
  const secure = await listen(web)
  const server = await openEmbedded({ dialect: 'lxd-6.9' })
  onTestFinished(async () => {
    for (const each of [web, mirror]) {
      each.closeAllConnections()
      await new Promise((resolve) => each.close(resolve))
    }
    await server.close()
    rmSync(cwd, { recursive: true, force: true })
  })
  const { environment: remotes } = writeRemotes(cwd, { main: server })
  const environment = { ...remotes, NODE_EXTRA_CA_CERTS: join(cwd, 'authority.crt') }
  const run = (name: string) =>
    runHyperkit(['import', `https://${secure}/${name}`, '--json', '--quiet'], { cwd, environment })

  const moved = await run('moved')
  expect([moved.code, asked]).toEqual([1, []])
  expect(moved.stderr).toContain('over plain http anybody on the network path can change the answer')

  const { code, stdout, stderr } = await run('page')
  expect([code, stderr]).toEqual([0, ''])
  expect(JSON.parse(stdout)).toEqual({ fingerprint })
  expect(asked).toEqual(['GET /far.tar.gz'])
})
