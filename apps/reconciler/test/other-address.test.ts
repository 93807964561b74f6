import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSelfSignedCertificate } from '@hyperkit/connect'
import { createClient } from '@hyperkit/core'
import { createImageServer } from '@hyperkit/embedded'
import { renderReport } from '@hyperkit/reconcile'
import { afterAll, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { openOver } from './open-server.ts'
import { applyOf } from './plan-and-apply.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-address-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the report names the address that was used if the first one did not answer', async () => {
  const server = createImageServer({ dialect: 'incus-6.0' })
  const { certificate, key } = await createSelfSignedCertificate({ commonName: 'reconciler' })
  const transport = {
    name: 'embedded',
    origin: 'http://embedded',
    fetch: (input: Request | string, init?: object) => server.fetch(new Request(input, init)),
  }
  await createClient({ transport }).certificates.create('reconciler', { certificate })
  const dead = await server.listen({ https: {} })
  const { url, certificate: serverCertificate } = await server.listen({ https: {} })
  await dead.close()
  const clientCertificate = { cert: certificate, key }
  const opened = await openOver(folder, { url, serverCertificate, clientCertificate })
  try {
    const manifest = join(folder, 'images.yaml')
    makeImage(join(folder, 'a.tar.gz'), 'address')
    const several = opened.yaml.replace(`"${url}"`, `["${dead.url}", "${url}"]`)
    const images = `images: [{ name: web, source: { file: ${join(folder, 'a.tar.gz')} } }]`
    const write = (it: string): void =>
      writeFileSync(manifest, `version: 1\nname: address\nservers: { it: ${it} }\n${images}\n`)
    write(several)
    const report = await applyOf(manifest)
    expect(report.servers).toMatchObject([{ name: 'it', status: 'done', address: url }])
    const [one] = report.servers
    const failed = one === undefined ? [] : [{ ...one, status: 'failed' as const }]
    expect(renderReport({ ...report, servers: failed })).toContain(`it (through ${url})`)
    write(opened.yaml)
    expect((await applyOf(manifest)).servers[0]).not.toHaveProperty('address')
  } finally {
    await opened.close()
    await server.close()
  }
})
