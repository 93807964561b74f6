import { deepEqual, equal, ok } from 'node:assert/strict'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { hashBytes, readBytes } from '../harness/read-bytes.ts'

const topic = 'projects'

export const cases: ConformanceCase[] = [
  {
    name: 'one image can be in two projects, with separate properties and aliases',
    topic,
    async run({ client, uploaded, makeProject, unique, expected }) {
      const project = await makeProject()
      const within = client.project(project)
      const name = unique('both')
      const { source, fingerprint } = await uploaded({}, { aliases: [name], properties: { where: 'here' } })
      equal(await within.images.find(fingerprint), undefined)
      await within.images.upload(source, {
        fingerprint,
        aliases: [name],
        properties: { where: 'there' },
        public: expected.publicInProjects,
      })
      const [here, there] = [await client.images.get(fingerprint), await within.images.get(fingerprint)]
      deepEqual([here.properties.where, there.properties.where], ['here', 'there'])
      deepEqual([here.public, there.public], [false, expected.publicInProjects])
      await client.images.delete(fingerprint)
      equal(await client.images.find(fingerprint), undefined)
      equal((await within.images.getByAlias(name)).fingerprint, fingerprint)
      const exported = await within.images.export(fingerprint)
      if (exported.kind === 'unified') equal(hashBytes(await readBytes(exported.body)), fingerprint)
    },
  },
  {
    name: 'the project option of a call works like the project of a client',
    topic,
    async run({ client, connect, imageFile, makeProject, unique, expected }) {
      const project = await makeProject()
      const own = await connect({ project })
      const file = await imageFile()
      const { fingerprint } = file
      const name = unique('named')
      await client.images.upload(file.source, { fingerprint, project, aliases: [name] })
      for (const [one, call] of [
        [own, {}],
        [client.project(project), {}],
        [client, { project }],
        [client.project('default'), { project }],
      ] as const) {
        equal((await one.images.get(fingerprint.slice(0, 20), call)).fingerprint, fingerprint)
        deepEqual(await one.images.fingerprints(call), [fingerprint])
        equal((await one.images.list(call)).length, 1)
        equal((await one.aliases.get(name, call)).target, fingerprint)
        deepEqual((await one.aliases.list(call)).length, 1)
        const changes = { public: expected.publicInProjects }
        equal((await one.images.update(fingerprint, changes, call)).public, expected.publicInProjects)
        equal((await one.images.patch(fingerprint, { public: false }, call)).public, false)
        ok(await one.images.hasContent(fingerprint, call))
      }
      equal(await client.images.find(fingerprint), undefined)
      equal(await client.aliases.find(name), undefined)
      await client.aliases.rename(name, `${name}-2`, { project })
      await client.aliases.delete(`${name}-2`, { project })
      await client.images.delete(fingerprint, { project })
      deepEqual(await own.images.fingerprints(), [])
    },
  },
  {
    name: 'a client made for the default project reads and changes the default project',
    topic,
    async run({ client, uploaded }) {
      const { fingerprint } = await uploaded()
      equal((await client.project('default').images.get(fingerprint)).fingerprint, fingerprint)
    },
  },
  {
    name: 'every call fails if its project does not exist',
    topic,
    async run({ client, imageFile, unique }) {
      const within = client.project(unique('absent'))
      const file = await imageFile()
      const { source, fingerprint } = file
      await expectError(within.images.upload(source, { fingerprint }), 'not-found')
      await expectError(within.images.get(fingerprint), 'not-found')
      await expectError(within.images.list(), 'not-found')
      await expectError(within.aliases.list(), 'not-found')
    },
  },
]
