import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fingerprintOf } from '@hyperkit/files'
import { loadManifest, type WatchEvent, watchManifest } from '@hyperkit/reconcile'
import type { RunReport } from '@hyperkit/reconcile/documents'
import { afterAll, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { openEmbedded } from './open-server.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-busy-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

interface Gate {
  open(): void
  readonly opened: Promise<void>
}

function makeGate(): Gate {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

test('a copy from a server on which an earlier pass still works is left to the next pass, without a failure', async () => {
  const [held, release] = [makeGate(), makeGate()]
  let slowOne: string | undefined
  // The upload of one image takes until it is released; which one comes first differs.
  const one = await openEmbedded(cwd, {
    dialect: 'incus',
    async faults(request, answer) {
      if (request.headers.get('x-incus-fingerprint') === slowOne) {
        held.open()
        await release.opened
      }
      return answer()
    },
  })
  const two = await openEmbedded(cwd, { dialect: 'lxd' })
  const stop = new AbortController()
  try {
    const [quick, slow] = [join(cwd, 'quick.tar.gz'), join(cwd, 'slow.tar.gz')]
    for (const file of [quick, slow]) makeImage(file, randomUUID())
    slowOne = (await fingerprintOf(slow)).fingerprint
    const [path, reports] = [join(cwd, 'images.yaml'), join(cwd, 'reports')]
    const quickly = `{ name: quick, source: { file: ${quick} }, servers: [one] }`
    const slowly = `{ name: slow, source: { file: ${slow} }, servers: [one] }`
    const copied = '{ name: copied, source: { server: one, alias: quick }, servers: [two] }'
    writeFileSync(
      path,
      `version: 1\nname: busy\nservers: { one: ${one.yaml}, two: ${two.yaml} }\nimages: [${quickly}, ${slowly}, ${copied}]\n` +
        `notify: { on: [always], command: [sh, -c, "{ cat; echo ---; } >> ${reports}"] }\n`,
    )
    const seen: WatchEvent[] = []
    let wake = (): void => {}
    const until = async (isSo: () => boolean): Promise<void> => {
      while (!isSo()) await new Promise<void>((resolve) => (wake = resolve))
    }
    const watching = watchManifest(await loadManifest(path), {
      signal: stop.signal,
      interval: 3_600_000,
      settle: 10,
      onEvent(event) {
        seen.push(event)
        wake()
      },
    })
    const copies = () =>
      seen.filter((event) => event.kind === 'change' && event.result.change.action === 'copy-image').length
    const notes = () => seen.filter((event) => event.kind === 'message').map(({ message }) => message)
    await until(() => copies() === 1)
    await held.opened
    makeImage(quick, randomUUID())
    const note = 'two: waits for an earlier pass that still works on "one", to copy from there'
    await until(() => notes().includes(note))
    release.open()
    await until(() => copies() === 2)
    stop.abort()
    await watching
    const { fingerprint } = await fingerprintOf(quick)
    expect(await two.client.images.find(fingerprint)).toBeDefined()
    const failed = seen.filter(
      (event) =>
        (event.kind === 'server' && event.state === 'failed') ||
        (event.kind === 'change' && event.result.outcome !== 'done'),
    )
    expect(failed).toEqual([])
    // Nor do the reports that are sent say so.
    const sent = readFileSync(reports, 'utf8').split('---\n').filter(Boolean)
    const servers = sent.flatMap((text) => (JSON.parse(text) as RunReport).servers)
    expect(servers.find(({ state }) => state === 'waiting')).toMatchObject({
      name: 'two',
      error: null,
      changes: [
        { action: 'copy-image', state: 'waiting', error: note.slice('two: '.length) },
        { action: 'update-alias', state: 'waiting' },
      ],
    })
    const ofCopies = servers.flatMap(({ changes }) => changes).filter(({ action }) => action === 'copy-image')
    expect(ofCopies.filter(({ state }) => state !== 'done' && state !== 'waiting')).toEqual([])
  } finally {
    release.open()
    stop.abort()
    await one.close()
    await two.close()
  }
})
