import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { holdDownload } from '../harness/hold-download.ts'

const topic = 'traps: names'

export const cases: ConformanceCase[] = [
  {
    name: 'T6: an upload with an alias of another image is refused before any byte is sent, and takes it over only if asked to',
    topic,
    async run({ client, uploaded, imageFile, unique }) {
      const name = unique('taken')
      const old = await uploaded({}, { aliases: [name] })
      const file = await imageFile()
      const { fingerprint } = file
      const options = { fingerprint, aliases: [name] }
      const error = await expectError(client.images.upload(file.source, options), 'already-exists')
      ok(error.message.includes(name) && error.message.includes(old.fingerprint.slice(0, 12)), error.message)
      equal(file.opened, 0)
      equal(await client.images.find(fingerprint), undefined)
      const image = await client.images.upload(file.source, { ...options, reuseAliases: true })
      deepEqual(
        image.aliases.map((alias) => alias.name),
        [name],
      )
      equal((await client.aliases.get(name)).target, fingerprint)
    },
  },
  {
    name: 'T6: if an alias is taken during an upload, the error names it, no alias moves and the image stays',
    topic,
    needs: ['simplestreams'],
    async run(context) {
      const { client, uploaded, unique } = context
      const [name, free] = [unique('raced'), unique('free')]
      const winner = await uploaded()
      const { file, source, handle } = await holdDownload(context, { aliases: [free, name] })
      const ended = expectError(handle.wait(), 'already-exists')
      await client.aliases.create(name, { target: winner.fingerprint })
      source.release()
      const error = await ended
      ok(error.message.includes(name), error.message)
      equal((await client.aliases.get(name)).target, winner.fingerprint)
      equal((await client.images.get(file.fingerprint)).fingerprint, file.fingerprint)
    },
  },
  {
    name: 'T9: the client never sends a PATCH for an alias, and never renames one in the way that blocks LXD 5.0',
    topic,
    async run({ watch, uploaded, unique, expected }) {
      const [name, next] = [unique('before'), unique('after')]
      const [old, file] = [await uploaded({}, { aliases: [{ name, description: 'kept' }] }), await uploaded()]
      const { client, requests } = await watch()
      await client.aliases.update(name, { target: file.fingerprint })
      await client.aliases.update(name, { description: 'changed' })
      await client.aliases.set(name, { target: old.fingerprint })
      const renamed = await client.aliases.rename(name, next)
      deepEqual([renamed.name, renamed.target, renamed.description], [next, old.fingerprint, 'changed'])
      equal(await client.aliases.find(name), undefined)
      ok(requests.every(({ method }) => method !== 'PATCH'))
      const renames = requests.filter(({ method, path }) => method === 'POST' && path.includes('/aliases/'))
      equal(renames.length, expected.renames === 'blocked' ? 0 : 1)
    },
  },
  {
    name: 'T10: the client never renames an alias to "", which Incus could not remove',
    topic,
    async run({ watch, uploaded, unique }) {
      const name = unique('named')
      const { fingerprint } = await uploaded({}, { aliases: [name] })
      const { client, requests } = await watch()
      await expectError(client.aliases.rename(name, ''), 'invalid-argument')
      await expectError(client.aliases.create('', { target: fingerprint }), 'invalid-argument')
      await expectError(client.aliases.delete(''), 'invalid-argument')
      equal(requests.length, 0)
      equal((await client.aliases.get(name)).target, fingerprint)
    },
  },
  {
    name: 'T12: the client refuses "%" and "_" as fingerprints, sends nothing, and so deletes nothing',
    topic,
    async run({ watch, makeProject, imageFile }) {
      const project = await makeProject()
      const { client, requests } = await watch({ project })
      const file = await imageFile()
      const { fingerprint } = await client.images.upload(file.source, { fingerprint: file.fingerprint })
      requests.length = 0
      for (const id of ['%', '_', '%25', `${fingerprint.slice(0, 63)}_`, `${fingerprint.slice(0, 20)}%`]) {
        await expectError(client.images.delete(id), 'invalid-argument')
        await expectError(client.images.get(id), 'invalid-argument')
        await expectError(client.images.update(id, { public: true }), 'invalid-argument')
        await expectError(client.images.export(id), 'invalid-argument')
      }
      equal(requests.length, 0)
      // The only image of its project, because a server reads "%" as the image only then.
      deepEqual(await client.images.fingerprints(), [fingerprint])
    },
  },
  {
    name: 'T12: the client finds an image by an upper-case prefix, and sends changes to the whole fingerprint',
    topic,
    async run({ watch, uploaded }) {
      const { fingerprint } = await uploaded()
      const { client, requests } = await watch()
      const upper = fingerprint.toUpperCase()
      for (const id of [upper, upper.slice(0, 20), fingerprint.slice(0, 11)])
        equal((await client.images.get(id)).fingerprint, fingerprint)
      await client.images.update(upper.slice(0, 14), { public: true })
      await client.images.delete(fingerprint.slice(0, 13).toUpperCase())
      const writes = requests.filter(({ method }) => method !== 'GET')
      equal(writes.length, 2)
      ok(writes.every(({ path }) => path.startsWith(`/1.0/images/${fingerprint}`)))
      equal(await client.images.find(fingerprint), undefined)
    },
  },
  {
    name: 'T21: the client lists aliases under their own names, however the server encodes their URLs',
    topic,
    async run({ client, uploaded, unique }) {
      const { fingerprint } = await uploaded()
      const stem = unique('names')
      // A name that servers with a rule for names accept too.
      const names = ['a/b', 'a%2Fb', '50%25z', 'x..y', '...z', '../up', 'größe🐧z', 'a@b', 'q#y'].map(
        (end) => `${stem}/${end}`,
      )
      for (const name of names) await client.aliases.create(name, { target: fingerprint })
      const listed = (await client.aliases.list()).map(({ name }) => name)
      for (const name of names) {
        ok(listed.includes(name), name)
        equal((await client.aliases.get(name)).name, name)
      }
      const own = (await client.images.get(fingerprint)).aliases.map(({ name }) => name)
      deepEqual(own.sort(), [...names].sort())
      for (const name of names) await client.aliases.delete(name)
      deepEqual((await client.images.get(fingerprint)).aliases, [])
      notEqual(await client.images.find(fingerprint), undefined)
    },
  },
]
