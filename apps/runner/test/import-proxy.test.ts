import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttp, type RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeImage, serveProxy } from '@hyperkit/conformance'
import { createSelfSignedCertificate } from '@hyperkit/connect'
import { expect, onTestFinished, test } from 'vitest'
import { openEmbedded, writeRemotes } from './open-remotes.ts'
import { type Ended, runHyperkit } from './start-command.ts'

/** A host name that only the proxy can resolve, as in a company's network. */
const host = 'files.test'

test.for([
  ['https:', 'HTTPS_PROXY'],
  ['https:', 'ALL_PROXY'],
  ['http:', 'HTTP_PROXY'],
  ['http:', 'ALL_PROXY'],
] as const)(
  'a file of %s is imported through the proxy of %s, and a dead proxy is named',
  async ([protocol, variable]) => {
    const cwd = mkdtempSync(join(tmpdir(), 'hk-import-proxy-'))
    const { certificate, key } = await createSelfSignedCertificate({ commonName: host, hosts: [host] })
    writeFileSync(join(cwd, 'authority.crt'), certificate)
    const { path, fingerprint } = await makeImage({ directory: cwd, name: 'far', seed: variable })
    const give: RequestListener = ({ url, method }, response) => {
      if (url !== '/far.tar.gz') return response.writeHead(404).end()
      response.end(method === 'HEAD' ? undefined : readFileSync(path))
    }
    const web = protocol === 'https:' ? createServer({ cert: certificate, key }, give) : createHttp(give)
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
    const proxy = await serveProxy(`${protocol}//127.0.0.1:${(web.address() as AddressInfo).port}`)
    const server = await openEmbedded({ dialect: 'incus' })
    onTestFinished(async () => {
      await proxy.close()
      web.closeAllConnections()
      await new Promise((resolve) => web.close(resolve))
      await server.close()
      rmSync(cwd, { recursive: true, force: true })
    })
    const remotes = writeRemotes(cwd, { main: server })
    const run = (through: string): Promise<Ended> =>
      runHyperkit(
        ['import', `${protocol}//${host}/far.tar.gz`, '--sha256', fingerprint, '--json', '--quiet'],
        {
          cwd,
          environment: {
            ...remotes.environment,
            // Deno checks for a new version of itself, and the proxy sees this request.
            DENO_NO_UPDATE_CHECK: '1',
            NODE_EXTRA_CA_CERTS: join(cwd, 'authority.crt'),
            [variable]: through,
          },
        },
      )
    const dead = await serveProxy('https://127.0.0.1:1')
    await dead.close()
    const refused = await run(dead.url)
    expect([refused.code, JSON.parse(refused.stdout).error.code]).toEqual([1, 'unreachable'])
    expect(refused.stderr).toMatch(
      new RegExp(`^Cannot download "/far.tar.gz" on "${host}": .*"${new URL(dead.url).host}"`),
    )
    const { code, stdout, stderr } = await run(proxy.url)
    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toEqual({ fingerprint })
    expect(new Set(proxy.asked)).toEqual(new Set([`${host}:${protocol === 'https:' ? 443 : 80}`]))
  },
)
