import { deepEqual, equal, match, ok } from 'node:assert/strict'
import type { Image } from '@hyperkit/core'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { offerImage } from '../harness/offer-image.ts'

const topic = 'from another server'
const needs = ['second-server'] as const

export const cases: ConformanceCase[] = [
  {
    name: 'a public image is downloaded from a server by its alias, and records its source',
    topic,
    needs,
    async run(context) {
      const { file, alias } = await offerImage(context)
      const { source, client } = context
      const image = await client.images.createFromRemote(source.url, {
        alias,
        certificate: source.serverCertificate,
        autoUpdate: true,
      })
      deepEqual(
        [image.fingerprint, image.size, image.public, image.autoUpdate],
        [file.fingerprint, file.size, false, true],
      )
      deepEqual([image.updateSource?.server, image.updateSource?.alias], [source.url, alias])
      equal(image.properties.os, 'hyperkit')
      deepEqual(Object.keys(image.properties).sort(), ['description', 'os', 'release'])
      deepEqual(image.aliases, [])
      ok(await client.images.hasContent(file.fingerprint))
    },
  },
  {
    name: 'an image downloaded by its alias keeps the mark of its creation until the mark is removed',
    topic,
    needs,
    async run(context) {
      const { alias } = await offerImage(context)
      const { source, client } = context
      const creationNote = context.unique('note')
      const pull = { alias, certificate: source.serverCertificate, creationNote, properties: { a: 'b' } }
      const { fingerprint, properties } = await client.images.createFromRemote(source.url, pull)
      deepEqual([properties['hyperkit.creation'], properties.a], [creationNote, 'b'])
      const patched = await client.images.patch(fingerprint, { properties: { 'hyperkit.creation': '' } })
      ok(!('hyperkit.creation' in patched.properties))
    },
  },
  {
    name: 'a public image is downloaded by its fingerprint or a fingerprint prefix',
    topic,
    needs,
    async run(context) {
      const { source, client } = context
      for (const length of [64, 20]) {
        const { file } = await offerImage(context)
        const image = await client.images.createFromRemote(source.url, {
          fingerprint: file.fingerprint.slice(0, length).toUpperCase(),
          certificate: source.serverCertificate,
        })
        equal(image.fingerprint, file.fingerprint)
        equal(image.properties.os, 'hyperkit')
      }
    },
  },
  {
    name: 'a private image can be downloaded only with a secret',
    topic,
    needs,
    async run(context) {
      const { source, client } = context
      const { file } = await offerImage(context, { public: false })
      const pull = { fingerprint: file.fingerprint, certificate: source.serverCertificate }
      await expectError(client.images.createFromRemote(source.url, pull), 'operation-failed')
      equal(await client.images.find(file.fingerprint), undefined)
      const { secret } = await source.client.images.createSecret(file.fingerprint)
      const image = await client.images.createFromRemote(source.url, { ...pull, secret })
      equal(image.fingerprint, file.fingerprint)
    },
  },
  {
    name: 'a download from a source whose certificate is unknown is refused with a hint',
    topic,
    needs,
    async run(context) {
      const { alias, file } = await offerImage(context)
      const { source, client } = context
      const error = await expectError(
        client.images.createFromRemote(source.url, { alias }),
        'operation-failed',
      )
      match(
        error.message,
        /x509: certificate signed by unknown authority.*give the certificate of the source/,
      )
      equal(await client.images.find(file.fingerprint), undefined)
    },
  },
  {
    name: 'a downloaded image has all requested attributes',
    topic,
    needs,
    async run(context) {
      const { source, client, unique } = context
      const { alias, file } = await offerImage(context)
      const name = unique('pulled')
      const expiresAt = new Date('2031-02-03T04:05:06Z')
      const image = await client.images.createFromRemote(source.url, {
        alias,
        certificate: source.serverCertificate,
        public: true,
        filename: 'given.tar.gz',
        properties: { release: 'pulled & more', added: 'ü\n+' },
        aliases: [{ name, description: 'd' }],
        expiresAt,
        profiles: [],
      })
      deepEqual([image.public, image.filename, image.profiles], [true, 'given.tar.gz', []])
      deepEqual(
        [image.properties.os, image.properties.release, image.properties.added],
        ['hyperkit', 'pulled & more', 'ü\n+'],
      )
      deepEqual(image.aliases, [{ name, description: 'd' }])
      equal(image.expiresAt?.getTime(), expiresAt.getTime())
      deepEqual(await client.images.get(file.fingerprint), image)
    },
  },
  {
    name: 'downloaded split images and virtual machine images keep their form and type',
    topic,
    needs,
    async run({ client, source, splitFiles }) {
      for (const rootfs of ['tar.gz', 'qcow2'] as const) {
        const files = await splitFiles({ rootfs, size: 100_000 })
        await source.client.images.upload(files.source, { fingerprint: files.fingerprint, public: true })
        const { fingerprint } = files
        const certificate = source.serverCertificate
        const image = await client.images.createFromRemote(source.url, { fingerprint, certificate })
        deepEqual([image.fingerprint, image.type], [fingerprint, files.type])
        equal((await client.images.export(fingerprint)).kind, 'split')
      }
    },
  },
  {
    name: 'a download of an image of another type than requested fails as not found',
    topic,
    needs,
    async run(context) {
      const { source, client } = context
      const { alias } = await offerImage(context)
      await expectError(
        client.images.createFromRemote(source.url, {
          alias,
          certificate: source.serverCertificate,
          imageType: 'virtual-machine',
        }),
        'operation-failed',
      )
    },
  },
  {
    name: 'a download of an image that the source does not have fails with an error that says so',
    topic,
    needs,
    async run({ client, source, unique }) {
      const certificate = source.serverCertificate
      const alias = unique('absent')
      const error = await expectError(
        client.images.createFromRemote(source.url, { alias, certificate }),
        'operation-failed',
      )
      match(error.message, /not found/i)
    },
  },
  {
    name: 'an image that the server has is not downloaded again',
    topic,
    needs,
    async run(context) {
      const { source, unique, watch } = context
      const { client, requests } = await watch()
      const { file } = await offerImage(context)
      const pull = { fingerprint: file.fingerprint, certificate: source.serverCertificate }
      const first = await client.images.createFromRemote(source.url, { ...pull, public: true })
      requests.length = 0
      deepEqual(await client.images.createFromRemote(source.url, pull), first)
      deepEqual(
        requests.filter(({ method }) => method !== 'GET'),
        [],
      )
      const name = unique('added')
      const named = await client.images.createFromRemote(source.url, { ...pull, aliases: [name] })
      deepEqual([named.public, named.aliases[0]?.name], [true, name])
    },
  },
  {
    name: 'an image can be downloaded from a project of the source',
    topic,
    needs,
    async run({ client, source, imageFile, unique, cleanup }) {
      const project = unique('project')
      const json = { name: project, config: { 'features.images': 'true', 'features.profiles': 'false' } }
      await source.client.request({ method: 'POST', path: '/1.0/projects', json })
      const file = await imageFile()
      const within = source.client.project(project)
      cleanup(async () => {
        for (const fingerprint of await within.images.fingerprints()) await within.images.delete(fingerprint)
        await source.client.request({ method: 'DELETE', path: `/1.0/projects/${project}` })
      })
      await within.images.upload(file.source, { fingerprint: file.fingerprint })
      const { secret } = await within.images.createSecret(file.fingerprint)
      const image: Image = await client.images.createFromRemote(source.url, {
        fingerprint: file.fingerprint,
        secret,
        certificate: source.serverCertificate,
        sourceProject: project,
      })
      equal(image.fingerprint, file.fingerprint)
    },
  },
  {
    name: 'an image can be copied from another project of the same server',
    topic,
    async run({ client, target, uploaded, makeProject }) {
      const { url, serverCertificate } = target.server
      const file = await uploaded({}, { public: true })
      const project = await makeProject()
      const image = await client.images.createFromRemote(url, {
        fingerprint: file.fingerprint,
        certificate: serverCertificate,
        project,
      })
      equal(image.fingerprint, file.fingerprint)
      ok(await client.project(project).images.hasContent(file.fingerprint))
    },
  },
  {
    name: 'a download by a protocol that the server does not support is refused before anything is sent',
    topic,
    needs,
    async run(context) {
      const { expected, source, watch } = context
      const { alias, file } = await offerImage(context)
      const { client, requests } = await watch()
      const certificate = source.serverCertificate
      const pull = client.images.createFromRemote(source.url, { alias, certificate, protocol: 'incus' })
      if (expected.protocols.includes('incus')) equal((await pull).fingerprint, file.fingerprint)
      else {
        await expectError(pull, 'invalid-protocol')
        ok(requests.every(({ method }) => method === 'GET'))
      }
    },
  },
]
