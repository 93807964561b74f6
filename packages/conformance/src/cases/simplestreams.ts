import { deepEqual, equal, ok } from 'node:assert/strict'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'

const topic = 'from simplestreams'
const needs = ['simplestreams'] as const

export const cases: ConformanceCase[] = [
  {
    name: 'a unified image is downloaded from simplestreams by its alias, and records its source',
    topic,
    needs,
    async run({ client, imageFile, simplestreams, unique }) {
      const image = await imageFile({ properties: { os: 'own' } })
      const alias = unique('streamed/one')
      const { url } = await simplestreams([{ os: 'Unified', release: 'one', aliases: [alias], image }])
      const name = unique('local')
      const made = await client.images.createFromRemote(url, {
        protocol: 'simplestreams',
        alias,
        autoUpdate: true,
        aliases: [name],
        properties: { added: 'yes' },
      })
      deepEqual([made.fingerprint, made.autoUpdate], [image.fingerprint, true])
      deepEqual(
        [made.updateSource?.server, made.updateSource?.protocol, made.updateSource?.alias],
        [url, 'simplestreams', alias],
      )
      deepEqual([made.aliases[0]?.name, made.properties.added, made.properties.release], [name, 'yes', 'one'])
      ok(!Object.keys(made.properties).some((key) => key.startsWith('hyperkit.')))
    },
  },
  {
    name: 'split images and virtual machine images are downloaded from simplestreams, selected by their type',
    topic,
    needs,
    async run({ client, splitFiles, simplestreams, unique }) {
      const container = await splitFiles({ rootfs: 'squashfs', compression: 'xz' })
      const machine = await splitFiles({ rootfs: 'qcow2', compression: 'xz' })
      const aliases = [unique('both')]
      const { url } = await simplestreams([
        { os: 'Both', release: 'one', aliases, image: container },
        { os: 'Both', release: 'one', variant: 'vm', aliases, image: machine },
      ])
      for (const files of [container, machine]) {
        const made = await client.images.createFromRemote(url, {
          protocol: 'simplestreams',
          alias: aliases[0] ?? '',
          imageType: files.type,
        })
        deepEqual([made.fingerprint, made.type], [files.fingerprint, files.type])
      }
    },
  },
  {
    name: 'an image is downloaded from simplestreams by its fingerprint',
    topic,
    needs,
    async run({ client, imageFile, simplestreams, unique }) {
      const image = await imageFile()
      const { url } = await simplestreams([{ os: 'By', release: 'hash', aliases: [unique('x')], image }])
      const made = await client.images.createFromRemote(url, {
        protocol: 'simplestreams',
        fingerprint: image.fingerprint,
      })
      equal(made.fingerprint, image.fingerprint)
    },
  },
  {
    name: 'a download from simplestreams by an unknown alias fails',
    topic,
    needs,
    async run({ client, imageFile, simplestreams, unique }) {
      const image = await imageFile()
      const { url } = await simplestreams([{ os: 'An', release: 'other', aliases: [unique('x')], image }])
      const pull = { protocol: 'simplestreams', alias: unique('absent') } as const
      await expectError(client.images.createFromRemote(url, pull), 'operation-failed')
    },
  },
]
