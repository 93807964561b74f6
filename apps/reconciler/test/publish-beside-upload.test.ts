import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@hyperkit/core'
import { createImageServer } from '@hyperkit/embedded'
import { loadManifest } from '@hyperkit/reconcile'
import { carryOutPlan, planEach } from '@hyperkit/reconcile/parts'
import { afterAll, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { outcomesOf } from './plan-and-apply.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-beside-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A promise that the test resolves. */
function gate(): { opened: Promise<void>; open(): void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

test.each(['lxd', 'incus'] as const)(
  'an image is published on an embedded %s while the same run uploads another one there',
  async (dialect) => {
    const server = createImageServer({ dialect, instances: [{ name: 'box', files: { content: 'box' } }] })
    const [uploading, published] = [gate(), gate()]
    const waits: string[] = []
    let upload = ''
    let isPublishing = false
    const client = createClient({
      transport: {
        name: 'embedded',
        origin: 'http://embedded',
        async fetch(input, init) {
          const request = new Request(input, init as RequestInit)
          const { pathname } = new URL(request.url)
          const isSent = request.headers.get('content-type') !== 'application/json'
          const isCreation = request.method === 'POST' && pathname === '/1.0/images'
          const isList = pathname === '/1.0/operations' && isPublishing
          const waited = /^\/1\.0\/operations\/([^/]+)\/wait$/.exec(pathname)?.[1]
          // The list that the publish looks at has the upload.
          if (isList) await uploading.opened
          if (isCreation && !isSent && isPublishing && /"instance"/.test(await request.clone().text()))
            published.open()
          if (waited !== undefined) waits.push(waited)
          if (waited !== undefined && waited === upload) {
            uploading.open()
            // The upload ends only when the publish has begun.
            await published.opened
          }
          const answer = await server.fetch(request)
          if (isCreation && isSent) {
            upload = ((await answer.clone().json()) as { metadata: { id: string } }).metadata.id
            return answer
          }
          if (!isList) return answer
          const whole = (await answer.json()) as { metadata: Record<string, { id: string }[]> }
          const all = Object.values(whole.metadata).flat()
          const running = all.map((each) =>
            each.id === upload ? { ...each, status: 'Running', status_code: 103, metadata: {} } : each,
          )
          return Response.json({ ...whole, metadata: { running } })
        },
      },
    })
    const file = join(folder, `${dialect}.tar.gz`)
    makeImage(file, randomUUID())
    const path = join(folder, `${dialect}.yaml`)
    writeFileSync(
      path,
      `version: 1\nname: beside\nservers: { it: { url: "http://localhost" } }\nimages:\n` +
        `  - { name: sent, source: { file: ${file} } }\n  - { name: published, source: { instance: box } }\n`,
    )
    const { signal } = new AbortController()
    const open = async () => client
    const preparing = {
      signal,
      hide: () => {},
      note: async () => {},
      connections: { open, close: async () => {} },
    }
    const arriving = await planEach(await loadManifest(path), { servers: [], targets: [] }, preparing)
    const { plan, desired, identify } = await arriving.whole
    const report = await carryOutPlan(plan, {
      signal,
      open,
      identify,
      desired,
      onEvent(event) {
        if (event.kind === 'begun' && event.change.action === 'publish-image') isPublishing = true
      },
    })
    expect(outcomesOf(report).sort()).toEqual([
      'it: create-alias: done',
      'it: create-alias: done',
      'it: publish-image: done',
      'it: upload-image: done',
    ])
    expect(waits.filter((id) => id === upload)).toHaveLength(1)
  },
)
