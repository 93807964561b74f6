import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { type Image, supports } from '@hyperkit/core'
import type { PublishOptions } from '@hyperkit/core/parts'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { complete } from '../harness/make-instance.ts'
import { readBytes } from '../harness/read-bytes.ts'

const topic = 'from an instance'
const needs = ['instance'] as const

export const cases: ConformanceCase[] = [
  {
    name: 'an instance is published with the properties of its image and those given',
    topic,
    needs,
    run: (context) => publish(context, 'instance'),
  },
  {
    name: 'a snapshot is published with the properties of its image and those given',
    topic,
    needs,
    run: (context) => publish(context, 'snapshot'),
  },
  {
    name: 'publishing can remove a property that the instance’s image has',
    topic,
    needs,
    async run({ client, instance, unique }) {
      const { instance: name } = await instance()
      const image = await client.images.createFromInstance(name, {
        compression: 'none',
        aliases: [unique('without')],
        properties: { release: '', mark: unique('mark') },
      })
      ok(!('release' in image.properties), JSON.stringify(image.properties))
      equal(image.properties.os, 'hyperkit')
    },
  },
  ...(
    [
      ['none', [0x6d, 0x65, 0x74, 0x61]], // the name of the first entry: metadata.yaml, or backup… of none
      ['gzip', [0x1f, 0x8b]],
      ['xz', [0xfd, 0x37, 0x7a, 0x58]],
      ['zstd -3', [0x28, 0xb5, 0x2f, 0xfd]],
    ] as const
  ).map(
    ([compression, magic]): ConformanceCase => ({
      name: `a published image is compressed with ${compression} if asked`,
      topic,
      needs,
      async run({ client, instance, unique }) {
        const { instance: name } = await instance()
        const image = await client.images.createFromInstance(name, {
          compression,
          aliases: [unique('packed')],
          properties: { mark: unique('mark') },
        })
        const exported = await client.images.export(image.fingerprint)
        if (exported.kind !== 'unified') throw new Error(`a ${exported.kind} export came`)
        const bytes = await readBytes(exported.body)
        deepEqual([...bytes.subarray(0, magic.length)], [...magic])
      },
    }),
  ),
  {
    name: 'T46: a compression with arguments is accepted, or refused with an error that names the argument',
    topic,
    needs,
    async run({ client, instance, unique, expected }) {
      const { instance: name } = await instance()
      const properties = { mark: unique('mark') }
      const publication = client.images.createFromInstance(name, { compression: 'gzip -n', properties })
      const refused = async (): Promise<string> =>
        (await expectError(publication, 'bad-request', 'operation-failed')).message
      if (expected.compressionArguments === 'refused') match(await refused(), /-n/)
      else equal((await publication).properties.mark, properties.mark)
    },
  },
  {
    name: 'publishing with an unknown compression is refused',
    topic,
    needs,
    async run({ client, instance, unique }) {
      const { instance: name } = await instance()
      const properties = { mark: unique('mark') }
      const publication = client.images.createFromInstance(name, {
        compression: unique('squeeze'),
        properties,
      })
      await expectError(publication, 'bad-request', 'operation-failed')
      deepEqual(await client.images.list({ filter: { properties } }), [])
    },
  },
  {
    name: 'publishing an unknown instance or snapshot fails as not found on LXD and on Incus',
    topic,
    needs,
    async run({ client, instance, unique }) {
      const { instance: name, snapshot } = await instance()
      const absent = unique('absent')
      const error = await expectError(client.images.createFromInstance(absent), 'not-found')
      match(error.message, new RegExp(`"${absent}"`))
      await expectError(client.images.createFromSnapshot(absent, snapshot), 'not-found')
      await expectError(client.images.createFromSnapshot(name, absent), 'not-found', 'operation-failed')
    },
  },
  {
    name: 'an instance is published as a split image, or the client reports that the server cannot do that',
    topic,
    needs,
    async run({ client, instance, unique }) {
      const { instance: name } = await instance()
      const server = await client.server()
      const publication = client.images.createFromInstance(name, {
        format: 'split',
        aliases: [unique('split')],
      })
      if (!supports(server, 'instance_publish_split')) {
        await expectError(publication, 'unsupported')
        return
      }
      equal((await client.images.export((await publication).fingerprint)).kind, 'split')
    },
  },
  {
    name: 'an image inherits the expiry of its instance’s image, unless it gets its own, and is not published if that is over',
    topic,
    needs,
    async run(context) {
      const { client, unique } = context
      const soon = new Date('2035-06-07T08:09:10Z')
      const lasting = await makeExpiring(context, soon)
      equal((await client.images.inheritedExpiry(lasting))?.getTime(), soon.getTime())
      equal(await client.images.inheritedExpiry(unique('absent')), undefined)
      const options = { compression: 'none' }
      const heir = { ...options, properties: { mark: unique('heir') } }
      equal((await client.images.createFromInstance(lasting, heir)).expiresAt?.getTime(), soon.getTime())
      const over = await makeExpiring(context, new Date('2020-01-02T03:04:05Z'))
      const properties = { mark: unique('late') }
      const error = await expectError(
        client.images.createFromInstance(over, { ...options, properties }),
        'invalid-argument',
      )
      match(error.message, /expired at 2020-01-02T03:04:05\.000Z/)
      deepEqual(await client.images.list({ filter: { properties } }), [])
      const forever = { ...options, expiresAt: null, properties: { mark: unique('forever') } }
      const image = await client.images.createFromInstance(over, forever)
      equal(image.expiresAt, undefined)
      const exported = await client.images.export(image.fingerprint)
      if (exported.kind !== 'unified') throw new Error(`a ${exported.kind} export came`)
      const text = new TextDecoder('latin1').decode(await readBytes(exported.body))
      match(text, /expiry_date: 0\n/)
    },
  },
  {
    name: 'publishing with a taken alias is refused before it begins',
    topic,
    needs,
    async run({ client, instance, uploaded, unique }) {
      const { instance: name } = await instance()
      const alias = unique('taken')
      await uploaded({}, { aliases: [alias] })
      const properties = { mark: unique('mark') }
      const publication = client.images.createFromInstance(name, { aliases: [alias], properties })
      await expectError(publication, 'already-exists')
      deepEqual(await client.images.list({ filter: { properties } }), [])
    },
  },
]

async function publish(
  { client, instance, unique }: CaseContext,
  from: 'instance' | 'snapshot',
): Promise<void> {
  const { instance: name, snapshot, fingerprint } = await instance()
  const base = await client.images.get(fingerprint)
  const alias = { name: unique(from), description: 'published' }
  const options: PublishOptions = {
    aliases: [alias],
    public: true,
    autoUpdate: true,
    filename: 'published.tar',
    properties: { release: 'published', mark: unique('mark'), 'two words': 'ü & \n +' },
    expiresAt: new Date('2031-02-03T04:05:06Z'),
    profiles: [],
    compression: 'none',
  }
  const image: Image =
    from === 'instance'
      ? await client.images.createFromInstance(name, options)
      : await client.images.createFromSnapshot(name, snapshot, options)
  deepEqual(without(image.properties, 'name'), { ...without(base.properties, 'name'), ...options.properties })
  deepEqual(image.aliases, [alias])
  deepEqual(
    [image.public, image.autoUpdate, image.filename, image.profiles, image.type],
    [true, true, 'published.tar', [], 'container'],
  )
  equal(image.expiresAt?.getTime(), options.expiresAt?.getTime())
  match(image.fingerprint, /^[0-9a-f]{64}$/)
  ok(await client.images.hasContent(image.fingerprint))
}

/** A stopped instance whose image expires at this time; both are deleted after the case. */
async function makeExpiring(
  { client, uploaded, unique, cleanup }: CaseContext,
  expiry: Date,
): Promise<string> {
  const { fingerprint } = await uploaded({ metadata: [`expiry_date: ${expiry.getTime() / 1000}`] })
  const name = unique('i')
  const source = { type: 'image', fingerprint }
  await complete(client, 'POST', '/1.0/instances', { name, type: 'container', source })
  cleanup(() => complete(client, 'DELETE', `/1.0/instances/${name}`))
  return name
}

function without(properties: Record<string, string>, key: string): Record<string, string> {
  const { [key]: _, ...rest } = properties
  return rest
}
