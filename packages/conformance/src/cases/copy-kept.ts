import { deepEqual, equal, ok } from 'node:assert/strict'
import { copyImage } from '@hyperkit/core'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { keptOf, offer } from './copy.ts'

const topic = 'copy'
const needs = ['second-server'] as const

export const cases: ConformanceCase[] = [
  {
    name: 'a copy does not send an image that the target has',
    topic,
    needs,
    async run(context) {
      const { source, watch } = context
      const offered = await offer(context, source.client)
      const [from, to] = [await watch({ server: source }), await watch()]
      await copyImage(from.client, to.client, offered.fingerprint)
      for (const { requests } of [from, to]) requests.length = 0
      for (const mode of ['auto', 'pull', 'push', 'relay'] as const) {
        const again = await copyImage(from.client, to.client, offered.fingerprint, { mode })
        deepEqual([again.mode, keptOf(again.image)], ['none', keptOf(offered)])
      }
      const sent = [...from.requests, ...to.requests]
      deepEqual(
        sent.filter(({ method }) => method !== 'GET'),
        [],
      )
      ok(!from.requests.some(({ path }) => path.includes('/export')))
    },
  },
  {
    name: 'a copy to a target that has the image adds the source’s attributes and keeps those that only the target has',
    topic,
    needs,
    async run(context) {
      const { source, client, unique } = context
      const offered = await offer(context, source.client)
      const { fingerprint } = offered
      await copyImage(source.client, client, fingerprint)
      await client.images.update(fingerprint, {
        public: true,
        expiresAt: null,
        properties: { added: 'changed', own: 'there only' },
      })
      const name = unique('kept')
      const { mode, image } = await copyImage(source.client, client, fingerprint, { aliases: [name] })
      deepEqual([mode, image.public, image.aliases.map((alias) => alias.name)], ['none', true, [name]])
      deepEqual(image.properties, { ...offered.properties, own: 'there only' })
      equal(image.expiresAt?.getTime(), offered.expiresAt?.getTime())
    },
  },
  {
    name: 'a copy has the requested attributes in every mode',
    topic,
    needs,
    async run(context) {
      const { source, client, unique } = context
      for (const mode of ['pull', 'push', 'relay'] as const) {
        const offered = await offer(context, source.client)
        const name = unique('named')
        const expiresAt = new Date('2035-06-07T08:09:10Z')
        const { image } = await copyImage(source.client, client, offered.fingerprint, {
          mode,
          public: true,
          expiresAt,
          profiles: [],
          properties: { added: '', os: 'other', more: 'yes' },
          aliases: [{ name, description: 'given' }],
          copyAliases: true,
        })
        deepEqual([image.public, image.profiles, image.expiresAt], [true, [], expiresAt])
        deepEqual(image.properties, { os: 'other', release: 'test', more: 'yes' })
        const names = [...offered.aliases, { name, description: 'given' }]
        const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1)
        deepEqual([...image.aliases].sort(byName), names.sort(byName))
      }
    },
  },
  {
    name: 'a copy with an alias that is taken on the target is refused before anything is sent, or takes it over if asked to',
    topic,
    needs,
    async run(context) {
      const { source, watch, uploaded } = context
      const { client, requests } = await watch()
      const offered = await offer(context, source.client)
      const [alias] = offered.aliases
      const other = await uploaded({}, { aliases: [alias?.name ?? ''] })
      requests.length = 0
      const copy = { copyAliases: true }
      await expectError(copyImage(source.client, client, offered.fingerprint, copy), 'already-exists')
      ok(requests.every(({ method }) => method === 'GET'))
      equal((await client.aliases.get(alias?.name ?? '')).target, other.fingerprint)
      await copyImage(source.client, client, offered.fingerprint, { ...copy, reuseAliases: true })
      const { target, description } = await client.aliases.get(alias?.name ?? '')
      deepEqual([target, description], [offered.fingerprint, alias?.description])
    },
  },
  {
    name: 'a copy with automatic updates records its source',
    topic,
    needs,
    async run(context) {
      const { source, client } = context
      const offered = await offer(context, source.client, { public: true })
      const alias = offered.aliases[0]?.name ?? ''
      const { mode, image } = await copyImage(source.client, client, alias, { autoUpdate: true })
      deepEqual(
        [mode, image.autoUpdate, image.updateSource?.server, image.updateSource?.alias],
        ['pull', true, source.url, alias],
      )
      deepEqual(keptOf(image), keptOf(offered))
    },
  },
  {
    name: 'a copy with automatic updates that could not work is refused before anything is sent',
    topic,
    needs,
    async run(context) {
      const { source, client } = context
      const offered = await offer(context, source.client)
      const { fingerprint, aliases } = offered
      const autoUpdate = true
      for (const reference of [fingerprint, aliases[0]?.name ?? ''])
        await expectError(copyImage(source.client, client, reference, { autoUpdate }), 'invalid-argument')
      await source.client.images.patch(fingerprint, { public: true })
      const relay = { autoUpdate, mode: 'relay' } as const
      await expectError(copyImage(source.client, client, aliases[0]?.name ?? '', relay), 'invalid-argument')
      equal(await client.images.find(fingerprint), undefined)
      await copyImage(source.client, client, fingerprint)
      await expectError(
        copyImage(source.client, client, aliases[0]?.name ?? '', { autoUpdate }),
        'unsupported',
      )
    },
  },
]
