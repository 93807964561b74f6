import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'

const topic = 'aliases'

export const cases: ConformanceCase[] = [
  {
    name: 'an alias is created, read, listed, updated, renamed and deleted',
    topic,
    async run({ client, uploaded, unique }) {
      const { aliases } = client
      const [one, two] = [await uploaded(), await uploaded()]
      const [name, renamed] = [unique('first'), unique('second')]
      const created = await aliases.create(name, { target: one.fingerprint, description: 'die "erste" ü' })
      const { etag, ...facts } = created
      ok(etag)
      deepEqual(facts, {
        name,
        description: 'die "erste" ü',
        target: one.fingerprint,
        type: 'container',
      })
      deepEqual(await aliases.get(name), created)
      deepEqual(
        (await aliases.list()).find((alias) => alias.name === name),
        { ...facts, etag: undefined },
      )
      const updated = await aliases.update(name, { target: two.fingerprint })
      deepEqual([updated.target, updated.description], [two.fingerprint, 'die "erste" ü'])
      notEqual(updated.etag, etag)
      const moved = await aliases.rename(name, renamed)
      deepEqual([moved.name, moved.target, moved.description], [renamed, two.fingerprint, 'die "erste" ü'])
      equal(await aliases.find(name), undefined)
      equal(await aliases.delete(renamed), undefined)
      equal(await aliases.find(renamed), undefined)
      ok(await client.images.find(two.fingerprint))
    },
  },
  {
    name: 'the list of aliases is sorted by name',
    topic,
    async run({ client, uploaded, unique }) {
      await uploaded({}, { aliases: [unique('b'), unique('a'), unique('C'), unique('aä')] })
      const names = (await client.aliases.list()).map(({ name }) => name)
      deepEqual(names, [...names].sort())
    },
  },
  {
    name: 'an alias of a virtual machine image has the type of a virtual machine',
    topic,
    async run({ client, splitFiles, unique }) {
      const files = await splitFiles({ rootfs: 'qcow2' })
      const name = unique('vm')
      await client.images.upload(files.source, { fingerprint: files.fingerprint, aliases: [name] })
      equal((await client.aliases.get(name)).type, 'virtual-machine')
    },
  },
  {
    name: 'an alias created with a fingerprint prefix points at the whole fingerprint',
    topic,
    async run({ client, uploaded, unique }) {
      const [one, two] = [await uploaded(), await uploaded()]
      const name = unique('short')
      const prefix = (fingerprint: string): string => fingerprint.slice(0, 16).toUpperCase()
      equal((await client.aliases.create(name, { target: prefix(one.fingerprint) })).target, one.fingerprint)
      equal((await client.aliases.update(name, { target: prefix(two.fingerprint) })).target, two.fingerprint)
      equal((await client.aliases.set(name, { target: prefix(two.fingerprint) })).change, 'unchanged')
    },
  },
  {
    name: 'creating an alias whose name is taken is refused, also for the same image',
    topic,
    async run({ client, uploaded, unique }) {
      const name = unique('taken')
      const owner = await uploaded({}, { aliases: [name] })
      const other = await uploaded()
      for (const target of [owner.fingerprint, other.fingerprint]) {
        const error = await expectError(client.aliases.create(name, { target }), 'already-exists')
        match(error.message, /^Cannot create alias ".*" on ".*": the server answered 409/)
      }
      equal((await client.aliases.get(name)).target, owner.fingerprint)
    },
  },
  {
    name: 'an alias can only be created for an image that exists',
    topic,
    async run({ client, uploaded, unique }) {
      const name = unique('nowhere')
      const unknown = 'facade'.padEnd(64, '0')
      await expectError(client.aliases.create(name, { target: unknown }), 'not-found')
      await expectError(client.aliases.create(name, { target: '' }), 'alias-attributes-required')
      await expectError(client.aliases.set(name, { target: unknown }), 'not-found')
      equal(await client.aliases.find(name), undefined)
      const { fingerprint } = await uploaded({}, { aliases: [name] })
      await expectError(client.aliases.update(name, { target: unknown }), 'not-found')
      await expectError(client.aliases.update(name, {}), 'alias-attributes-required')
      equal((await client.aliases.get(name)).target, fingerprint)
    },
  },
  {
    name: 'an update of an alias changes the given fields and keeps the others',
    topic,
    async run({ client, uploaded, unique }) {
      const name = unique('kept')
      const [one, two] = [await uploaded({}, { aliases: [{ name, description: 'd' }] }), await uploaded()]
      equal((await client.aliases.update(name, { description: 'e' })).target, one.fingerprint)
      equal((await client.aliases.update(name, { target: two.fingerprint })).description, 'e')
      equal((await client.aliases.update(name, { description: '' })).description, '')
    },
  },
  {
    name: 'an alias update with a stale ETag is refused and leaves the alias unchanged',
    topic,
    async run({ client, uploaded, unique }) {
      const name = unique('etag')
      const [one, two] = [await uploaded({}, { aliases: [name] }), await uploaded()]
      const { etag: stale } = await client.aliases.get(name)
      const now = await client.aliases.update(name, { description: 'changed' }, { ifMatch: stale })
      const update = client.aliases.update(name, { target: two.fingerprint }, { ifMatch: stale })
      await expectError(update, 'precondition-failed')
      deepEqual(await client.aliases.get(name), now)
      equal(now.target, one.fingerprint)
    },
  },
  {
    name: 'setting an alias creates it, leaves it unchanged, changes its description or its target, and returns which',
    topic,
    async run({ client, uploaded, unique }) {
      const [one, two] = [await uploaded(), await uploaded()]
      const name = unique('set')
      const { set } = client.aliases
      equal((await set(name, { target: one.fingerprint, description: 'd' })).change, 'created')
      equal((await set(name, { target: one.fingerprint })).change, 'unchanged')
      const described = await set(name, { target: one.fingerprint, description: 'e' })
      deepEqual([described.change, described.alias.description], ['described', 'e'])
      const retargeted = await set(name, { target: two.fingerprint })
      deepEqual([retargeted.change, retargeted.alias.description], ['retargeted', 'e'])
      equal((await client.aliases.get(name)).target, two.fingerprint)
    },
  },
  {
    name: 'an alias always points at an image while its target is changed',
    topic,
    async run({ client, socketClient, uploaded, unique }) {
      const name = unique('always')
      const [one, two] = [await uploaded({}, { aliases: [name] }), await uploaded()]
      let done = false
      let reads = 0
      const watcher = (async (): Promise<void> => {
        while (!done) {
          const { fingerprint } = await socketClient.images.getByAlias(name)
          ok([one.fingerprint, two.fingerprint].includes(fingerprint))
          reads += 1
        }
      })()
      for (let turn = 0; turn < 10; turn++) {
        await client.aliases.set(name, { target: (turn % 2 === 0 ? two : one).fingerprint })
      }
      done = true
      await watcher
      ok(reads > 0)
    },
  },
  {
    name: 'of several concurrent creations of one alias exactly one succeeds; concurrent sets all succeed',
    topic,
    async run({ client, uploaded, unique }) {
      const { fingerprint: target } = await uploaded()
      const [created, set] = [unique('created'), unique('set')]
      const ends = await Promise.allSettled(
        [1, 2, 3, 4].map(() => client.aliases.create(created, { target })),
      )
      equal(ends.filter(({ status }) => status === 'fulfilled').length, 1)
      await Promise.all([1, 2, 3, 4].map(() => client.aliases.set(set, { target })))
      equal((await client.aliases.get(set)).target, target)
    },
  },
  {
    name: 'renaming an alias to a name that is taken is refused and leaves both aliases unchanged',
    topic,
    async run({ client, uploaded, unique }) {
      const [one, two] = [unique('one'), unique('two')]
      const [first, second] = [await uploaded({}, { aliases: [one] }), await uploaded({}, { aliases: [two] })]
      await expectError(client.aliases.rename(one, two), 'already-exists')
      await expectError(client.aliases.rename(one, one), 'already-exists')
      equal((await client.aliases.get(one)).target, first.fingerprint)
      equal((await client.aliases.get(two)).target, second.fingerprint)
      await expectError(client.aliases.rename(unique('absent'), unique('new')), 'not-found')
    },
  },
  {
    name: 'get, update and delete fail for an absent alias, and find returns undefined',
    topic,
    async run({ client, unique }) {
      const name = unique('absent')
      await expectError(client.aliases.get(name), 'not-found')
      await expectError(client.aliases.update(name, { description: 'x' }), 'not-found')
      await expectError(client.aliases.delete(name), 'not-found')
      equal(await client.aliases.find(name), undefined)
    },
  },
  {
    name: 'alias names that differ only in case are two aliases',
    topic,
    async run({ client, uploaded, unique }) {
      const lower = unique('case')
      const upper = lower.toUpperCase()
      const [one, two] = [await uploaded({}, { aliases: [lower] }), await uploaded({}, { aliases: [upper] })]
      equal((await client.aliases.get(lower)).target, one.fingerprint)
      equal((await client.aliases.get(upper)).target, two.fingerprint)
    },
  },
]
