import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { copyImage } from '@hyperkit/core'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import type { ExpectedAnswers } from '../harness/expected-answers.ts'
import { completeOnSocket, requestSocket } from '../servers/request-socket.ts'

const topic = 'rules of servers'

/** Names that some servers refuse, each for one reason, and that all others accept. */
const odd: readonly ((unique: string) => string)[] = [
  (unique) => `${unique}-`.padEnd(65, 'x'),
  (unique) => `${unique}-ä`.padEnd(64, 'x'),
  (unique) => `${unique} x`,
  (unique) => `${unique}\u00a0x`,
  (unique) => `${unique}\u3000x`,
  ...[...'$?&+"\'`*'].map((letter) => (unique: string) => `${unique}${letter}x`),
  (unique) => `/${unique}`,
  (unique) => `${unique}/`,
  (unique) => `-${unique}`,
  (unique) => `${unique}.`,
  (unique) => `ä${unique}`,
  (unique) => `${unique}🐧`,
]

/** Names that look similar, and that all servers accept. */
const fine: readonly ((unique: string) => string)[] = [
  (unique) => `${unique}-`.padEnd(64, 'x'),
  (unique) => `${unique}-ä`.padEnd(63, 'x'),
  (unique) => `${unique}\u200bx`,
  (unique) => `${unique}//../b/./c`,
  (unique) => `a-äb🐧;,:=@!~#%^|\\<>()[]{}_.${unique}`,
  () => '7',
]

export const cases: ConformanceCase[] = [
  {
    name: 'the client sends alias names that the server accepts, and refuses all others itself',
    topic,
    async run({ client, watch, expected, uploaded, unique, cleanup }) {
      const isChecked = checksNames(expected)
      const { fingerprint } = await uploaded()
      const watched = await watch()
      await watched.client.server()
      for (const [of, isFine] of [
        ...odd.map((of) => [of, !isChecked] as const),
        ...fine.map((of) => [of, true] as const),
      ]) {
        const name = of(unique('n'))
        cleanup(() => client.aliases.delete(name).catch(() => undefined))
        watched.requests.length = 0
        if (!isFine) {
          const error = await expectError(
            watched.client.aliases.create(name, { target: fingerprint }),
            'invalid-argument',
          )
          ok(error.message.includes(JSON.stringify(name)), error.message)
          equal(watched.requests.length, 0)
        }
        // By a raw request, so that the test notices if the server has another rule than expected.
        const json = { name, target: fingerprint }
        const byHand = client.request({ method: 'POST', path: '/1.0/images/aliases', json })
        if (isFine) {
          await byHand
          await client.aliases.delete(name)
          equal((await client.aliases.create(name, { target: fingerprint })).name, name)
        } else await expectError(byHand, 'bad-request')
      }
    },
  },
  {
    name: 'an image with an alias name that the server refuses is not sent',
    topic,
    needs: ['second-server', 'instance'],
    async run(context) {
      const { expected, source, imageFile, uploaded, unique, watch, instance } = context
      if (!checksNames(expected)) return
      const name = `${unique('bad')}?`
      const { client, requests } = await watch()
      const refused = async (call: Promise<unknown>): Promise<void> => {
        const error = await expectError(call, 'invalid-argument')
        ok(error.message.includes(JSON.stringify(name)), error.message)
        deepEqual(
          requests.filter(({ method }) => method !== 'GET'),
          [],
        )
      }
      const file = await imageFile()
      const { fingerprint } = file
      for (const reuseAliases of [false, true])
        await refused(client.images.upload(file.source, { fingerprint, aliases: [name], reuseAliases }))
      equal(file.opened, 0)
      const { instance: web } = await instance()
      await refused(client.images.createFromInstance(web, { aliases: [name] }))
      await source.client.images.upload(file.source, { fingerprint })
      await refused(copyImage(source.client, client, fingerprint, { aliases: [name] }))
      const known = await uploaded({}, { aliases: [unique('good')] })
      const [alias] = (await client.images.get(known.fingerprint)).aliases
      await refused(client.aliases.rename(alias?.name ?? '', name))
      await refused(client.aliases.set(name, { target: known.fingerprint }))
    },
  },
  {
    name: 'an existing alias whose name the server would refuse today can be read, moved, renamed and deleted',
    topic,
    async run(context) {
      const { client, uploaded, unique } = context
      const names = [`${unique('has')} space`, `${unique('has')}?`, `/${unique('has')}/`]
      const { fingerprint } = await createWithAliases(context, names)
      const other = await uploaded()
      for (const name of names) {
        equal((await client.images.getByAlias(name)).fingerprint, fingerprint)
        const { fingerprint: target } = other
        equal((await client.aliases.update(name, { target, description: 'moved' })).target, target)
        equal((await client.aliases.set(name, { target: fingerprint })).change, 'retargeted')
        const again = { fingerprint: target, aliases: [name], reuseAliases: true }
        equal((await client.images.upload(other.source, again)).aliases[0]?.name, name)
        const better = unique('better')
        equal((await client.aliases.rename(name, better)).target, target)
        equal(await client.aliases.find(name), undefined)
        await client.aliases.delete(better)
      }
      const left = `${unique('left')} space`
      await createWithAliases(context, [left])
      await client.aliases.delete(left)
      equal(await client.aliases.find(left), undefined)
    },
  },
  {
    name: 'T59: a public image is made if the server allows it in that project, and otherwise nothing is sent',
    topic,
    async run({ client, expected, imageFile, makeProject, watch }) {
      const project = await makeProject()
      const within = client.project(project)
      const file = await imageFile()
      const { source, fingerprint } = file
      const watched = await watch({ project })
      const upload = watched.client.images.upload(source, { fingerprint, public: true })
      if (expected.publicInProjects) {
        equal((await upload).public, true)
        return
      }
      match((await expectError(upload, 'unsupported')).message, /public images in project "default" only/)
      equal(file.opened, 0)
      await within.images.upload(source, { fingerprint })
      for (const verb of ['update', 'patch'] as const)
        await expectError(watched.client.images[verb](fingerprint, { public: true }), 'unsupported')
      ok(watched.requests.every(({ method }) => method === 'GET'))
      const byHand = { path: `/1.0/images/${fingerprint}`, json: { public: true }, project }
      await expectError(client.request({ method: 'PATCH', ...byHand }), 'bad-request')
      equal((await within.images.update(fingerprint, { properties: { a: 'b' } })).properties.a, 'b')
    },
  },
  {
    name: 'T59: a project that shares the images of "default" can have public images',
    topic,
    async run({ socketClient, imageFile, unique, cleanup }) {
      const name = unique('project')
      const json = { name, config: { 'features.images': 'false', 'features.profiles': 'false' } }
      await socketClient.request({ method: 'POST', path: '/1.0/projects', json })
      cleanup(() => socketClient.request({ method: 'DELETE', path: `/1.0/projects/${name}` }))
      const { source, fingerprint } = await imageFile()
      equal(
        (await socketClient.project(name).images.upload(source, { fingerprint, public: true })).public,
        true,
      )
      equal((await socketClient.images.get(fingerprint)).public, true)
    },
  },
  {
    name: 'T59: a copy to a project that cannot have public images is private, and is refused if it must be public',
    topic,
    async run(context) {
      const { client, expected, uploaded, makeProject } = context
      for (const mode of ['pull', 'push', 'relay'] as const) {
        const { fingerprint } = await uploaded({}, { public: true })
        const within = client.project(await makeProject())
        const { image } = await copyImage(client, within, fingerprint, { mode })
        equal(image.public, expected.publicInProjects)
        if (expected.publicInProjects) continue
        await within.images.delete(fingerprint)
        await expectError(copyImage(client, within, fingerprint, { mode, public: true }), 'unsupported')
        equal(await within.images.find(fingerprint), undefined)
      }
    },
  },
  {
    name: 'T60: an image without properties can be pushed',
    topic,
    needs: ['second-server'],
    async run({ client, source, imageFile }) {
      const { source: file, fingerprint } = await imageFile()
      await source.client.images.upload(file, { fingerprint })
      await source.client.images.update(fingerprint, { properties: {} })
      const { image, mode } = await copyImage(source.client, client, fingerprint, { mode: 'push' })
      deepEqual([mode, image.properties], ['push', {}])
    },
  },
]

/** Whether the server restricts the characters of new alias names. */
function checksNames({ refusedAliases }: ExpectedAnswers): boolean {
  return Object.keys(refusedAliases).length > 0
}

/** Servers do not check alias names that are sent with an image (T40). */
async function createWithAliases(
  { target: { server }, imageFile }: CaseContext,
  names: readonly string[],
): Promise<{ fingerprint: string }> {
  const { path, fingerprint } = await imageFile()
  const json = {
    source: { type: 'image', mode: 'push', fingerprint },
    aliases: names.map((name) => ({ name })),
    properties: {},
  }
  const { metadata } = await requestSocket(server.socket, { method: 'POST', path: '/1.0/images', json })
  const { secret } = (metadata as { metadata: { secret: string } }).metadata
  const prefix = server.dialect === 'lxd' ? 'X-LXD' : 'X-Incus'
  await completeOnSocket(server.socket, {
    method: 'POST',
    path: '/1.0/images',
    headers: {
      'content-type': 'application/octet-stream',
      [`${prefix}-secret`]: secret,
      [`${prefix}-fingerprint`]: fingerprint,
    },
    body: createReadStream(path),
  })
  return { fingerprint }
}
