import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import type { Client, ConnectedEvent, ServerEvent } from '@hyperkit/core'
import type { EventsOptions } from '@hyperkit/core/parts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'

const topic = 'events'

export const cases: ConformanceCase[] = [
  {
    name: 'an upload sends operation and lifecycle events, over https and over the unix socket',
    topic,
    async run({ client, socketClient, imageFile }) {
      for (const listener of [client, socketClient]) {
        const file = await imageFile()
        const events = await collect(
          listener,
          () => client.images.upload(file.source, { fingerprint: file.fingerprint }),
          (event) => actionOf(event) === 'image-created' && sourceOf(event).includes(file.fingerprint),
        )
        deepEqual([events[0]?.type, (events[0] as ConnectedEvent).reconnects], ['connected', 0])
        ok(events.some(({ type }) => type === 'operation'))
        const created = events.at(-1) as ServerEvent
        equal(created.type, 'lifecycle')
        ok(Math.abs(created.at.getTime() - Date.now()) < 60_000)
      }
    },
  },
  {
    name: 'a listener receives only the event types that it asked for',
    topic,
    async run({ client, imageFile }) {
      const file = await imageFile()
      const events = await collect(
        client,
        () => client.images.upload(file.source, { fingerprint: file.fingerprint }),
        (event) => actionOf(event) === 'image-created' && sourceOf(event).includes(file.fingerprint),
        { types: ['lifecycle'] },
      )
      deepEqual([...new Set(events.map(({ type }) => type))], ['connected', 'lifecycle'])
    },
  },
  {
    name: 'events of a project are sent to listeners of that project',
    topic,
    async run({ client, imageFile, makeProject }) {
      const project = await makeProject()
      const file = await imageFile()
      const within = client.project(project)
      const events = await collect(
        within,
        () => within.images.upload(file.source, { fingerprint: file.fingerprint }),
        (event) => actionOf(event) === 'image-created',
      )
      const created = events.at(-1) as ServerEvent
      deepEqual([created.project, sourceOf(created).includes(file.fingerprint)], [project, true])
    },
  },
  {
    name: 'aborting the signal ends listening with the abort reason',
    topic,
    async run({ client }) {
      const abort = new AbortController()
      const reason = new Error('enough')
      const listening = (async (): Promise<void> => {
        for await (const event of client.events({ signal: abort.signal })) {
          if (event.type === 'connected') setTimeout(() => abort.abort(reason))
        }
      })()
      await rejects(listening, (error) => error === reason)
    },
  },
  {
    name: 'an untrusted client cannot listen to events, and the error says why',
    topic,
    async run({ untrustedClient }) {
      const events = untrustedClient.events()
      await expectError(events.next(), 'not-authorized')
    },
  },
  {
    name: 'the client listens again after a restart of the server, and reports that it reconnected',
    topic,
    needs: ['restart'],
    async run({ startOwn, connect, imageFile }) {
      const server = await startOwn()
      const client = await connect({ server })
      const file = await imageFile()
      const reconnects: number[] = []
      for await (const event of client.events()) {
        if (event.type === 'connected') {
          reconnects.push((event as ConnectedEvent).reconnects)
          if (reconnects.length === 1) await server.restart('SIGKILL')
          else await client.images.upload(file.source, { fingerprint: file.fingerprint })
        } else if (actionOf(event) === 'image-created') break
      }
      equal(reconnects.length, 2)
      deepEqual([reconnects[0], (reconnects[1] ?? 0) > 0], [0, true])
    },
  },
]

type Event = ServerEvent | ConnectedEvent

/** The events from the moment of the connection to the awaited one. */
async function collect(
  client: Client,
  act: () => Promise<unknown>,
  isLast: (event: Event) => boolean,
  options?: EventsOptions,
): Promise<Event[]> {
  const events: Event[] = []
  let acting: Promise<unknown> | undefined
  for await (const event of client.events(options)) {
    events.push(event)
    if (event.type === 'connected') acting = act()
    else if (isLast(event)) break
  }
  await acting
  return events
}

const textOf = (event: Event, key: string): string =>
  'metadata' in event && typeof event.metadata[key] === 'string' ? event.metadata[key] : ''
const actionOf = (event: Event): string => textOf(event, 'action')
const sourceOf = (event: Event): string => textOf(event, 'source')
