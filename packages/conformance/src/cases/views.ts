import { deepEqual, equal, match, ok } from 'node:assert/strict'
import type { Client, View } from '@hyperkit/core'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { meet, meetIdentity, meetRestricted } from '../harness/meet.ts'
import { makeCertificate } from '../servers/make-certificate.ts'

const topic = 'views'

export const cases: ConformanceCase[] = [
  {
    name: 'a client with full rights sees everything in every project, over https and over the socket',
    topic,
    async run({ client, socketClient, makeProject }) {
      const project = await makeProject()
      for (const one of [client, socketClient])
        for (const options of [{}, { project }, { allProjects: true }, { of: 'operations' as const }])
          deepEqual(await one.view(options), { sees: 'everything', reason: '', remedy: '', stranger: false })
    },
  },
  {
    name: 'the view of an untrusted client gives the reason: its certificate is unknown, expired, not yet valid, or missing',
    topic,
    async run({ connect, uploaded, untrustedClient }) {
      const hidden = await uploaded()
      const dated = (from: number, to: number) =>
        connect({ certificate: makeCertificate({ name: 'dated', days: [from, to] }) })
      const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
      const cases: [Client, string][] = [
        [untrustedClient, 'is not in its trust store'],
        [await dated(-20, -10), `expired on ${day(-10)}`],
        [await dated(10, 20), `is not valid before ${day(10)}`],
      ]
      for (const [one, why] of cases) {
        const view = await one.view()
        deepEqual([view.sees, view.stranger], ['public', false])
        ok(view.reason.startsWith('the server does not trust this client: its certificate '), view.reason)
        ok(view.reason.includes(why), view.reason)
        const error = await expectError(one.images.find(hidden.fingerprint), 'not-authorized')
        ok(error.message.includes(why), error.message)
      }
      const stranger = await connect({ certificate: null })
      const view = await stranger.view()
      deepEqual([view.sees, view.stranger], ['public', true])
      // A client without a certificate knows that there may be more.
      match(
        (await expectError(stranger.images.get(hidden.fingerprint), 'not-found')).message,
        /only public images/,
      )
      equal(await stranger.images.find(hidden.fingerprint), undefined)
    },
  },
  {
    name: 'a client restricted to one project sees all of it, and its view of another project proves no absence',
    topic,
    async run(context) {
      const { client, imageFile, uploaded, makeProject, unique } = context
      const project = await makeProject()
      const guest = await meetRestricted(context, [project])
      const [name, absent] = [unique('outside'), 'f'.repeat(64)]
      const outside = await uploaded({}, { aliases: [name] })
      equal((await guest.project(project).view()).sees, 'everything')
      equal(await guest.project(project).images.find(absent), undefined)
      equal(await guest.project(project).aliases.find(name), undefined)
      const view = await guest.view()
      equal(view.sees, 'public')
      match(view.reason, /may not use project "default"/)
      equal((await guest.view({ allProjects: true })).sees, 'part')
      const file = await imageFile()
      const calls = [
        // Not the existing image: Incus 6.0.4 shows it to clients that know its fingerprint.
        () => guest.images.find(absent),
        () => guest.images.find(absent.slice(0, 20)),
        () => guest.images.find(absent.slice(0, 5)),
        () => guest.images.export(absent),
        () => guest.images.delete(outside.fingerprint),
        () => guest.images.update(outside.fingerprint, { public: true }),
        () => guest.images.createSecret(outside.fingerprint),
        () => guest.aliases.find(name),
        () => guest.aliases.delete(name),
        () => guest.aliases.set(name, { target: outside.fingerprint }),
        () => guest.images.upload(file.source, { fingerprint: file.fingerprint }),
        () => guest.images.createFromInstance('absent'),
      ]
      for (const call of calls) {
        const error = await expectError(call(), 'not-authorized')
        match(error.message, /may not use project "default"/)
      }
      equal((await client.aliases.get(name)).target, outside.fingerprint)
    },
  },
  {
    name: 'a client restricted to a project that shares the images of "default" sees those images',
    topic,
    async run(context) {
      const { client, cleanup, unique, uploaded } = context
      const project = unique('sharing')
      const config = { 'features.images': 'false', 'features.profiles': 'false' }
      await client.request({ method: 'POST', path: '/1.0/projects', json: { name: project, config } })
      cleanup(() => client.request({ method: 'DELETE', path: `/1.0/projects/${project}` }))
      const guest = (await meetRestricted(context, [project])).project(project)
      const name = unique('shared')
      const { fingerprint } = await uploaded({}, { aliases: [name] })
      equal((await guest.view()).sees, 'everything')
      equal((await guest.images.getByAlias(name)).fingerprint, fingerprint)
    },
  },
  {
    name: 'a client notices that its trust was revoked, and does not report images as absent then',
    topic,
    async run(context) {
      const { client, uploaded, unique } = context
      const { fingerprint } = await uploaded()
      const { certificate, client: friend } = await meet(context)
      await client.certificates.create(unique('friend'), { certificate: certificate.cert })
      equal((await friend.images.get(fingerprint)).fingerprint, fingerprint)
      await client.certificates.delete(certificate.fingerprint)
      // A refused call reports the lost trust at once; a call that only finds nothing, some seconds later.
      await expectError(friend.operations.list(), 'not-authorized')
      await expectError(friend.images.find(fingerprint), 'not-authorized')
      equal((await friend.view()).sees, 'public')
    },
  },
  {
    name: 'a fine-grained client finds aliases in image records if it may not read aliases',
    topic,
    needs: ['fine-grained'],
    async run(context) {
      const { client, uploaded, unique } = context
      const name = unique('named')
      const { fingerprint } = await uploaded({}, { aliases: [{ name, description: 'told' }] })
      const viewer = await meetIdentity(context, grants('default', 'can_view', 'can_view_images'))
      const view = await viewer.view()
      reduced(view, 'images', /lacks the entitlement "can_view_image_aliases" on project "default"/)
      const { target, description, etag } = await viewer.aliases.get(name)
      deepEqual([target, description, etag], [fingerprint, 'told', undefined])
      equal((await viewer.images.getByAlias(name)).fingerprint, fingerprint)
      ok((await viewer.aliases.list()).some((alias) => alias.name === name))
      equal(await viewer.aliases.find(unique('absent')), undefined)
      equal(await viewer.images.find('f'.repeat(64)), undefined)
      await expectError(viewer.aliases.delete(name), 'not-authorized')
      equal((await client.aliases.get(name)).target, fingerprint)
    },
  },
  {
    name: 'a fine-grained client that may not view images gets an error, not an empty list',
    topic,
    needs: ['fine-grained'],
    async run(context) {
      const { uploaded, unique } = context
      const name = unique('unseen')
      const { fingerprint } = await uploaded({}, { aliases: [name] })
      const lacking = /lacks the entitlement "can_view_images" on project "default"/
      for (const some of [['can_view'], ['can_view', 'can_create_images']]) {
        const one = await meetIdentity(context, grants('default', ...some))
        reduced(await one.view(), 'part', lacking)
        for (const call of [() => one.images.find(fingerprint), () => one.aliases.find(name)])
          match((await expectError(call(), 'not-authorized')).message, lacking)
      }
      const nobody = await meetIdentity(context, [])
      reduced(await nobody.view(), 'part', /may not view project "default"/)
      await expectError(nobody.images.find(fingerprint), 'not-authorized')
    },
  },
  {
    name: 'a fine-grained client with the entitlements sees everything, and in a project with shared images what it may view in "default"',
    topic,
    needs: ['fine-grained'],
    async run(context) {
      const { client, cleanup, unique } = context
      const sharing = unique('sharing')
      const config = { 'features.images': 'false', 'features.profiles': 'false' }
      await client.request({ method: 'POST', path: '/1.0/projects', json: { name: sharing, config } })
      cleanup(() => client.request({ method: 'DELETE', path: `/1.0/projects/${sharing}` }))
      for (const some of [['operator'], ['viewer'], ['can_view', 'image_manager', 'image_alias_manager']]) {
        const one = await meetIdentity(context, grants('default', ...some))
        equal((await one.view()).sees, 'everything', some.join())
        equal(await one.images.find('f'.repeat(64)), undefined)
      }
      const server = await meetIdentity(context, [{ entitlement: 'viewer' }])
      for (const options of [{}, { project: sharing }, { allProjects: true }])
        equal((await server.view(options)).sees, 'everything')
      const there = await meetIdentity(context, grants(sharing, 'operator'))
      reduced(await there.view({ project: sharing }), 'part', /"can_view_images" on project "default"/)
      const both = await meetIdentity(context, [
        ...grants(sharing, 'operator'),
        ...grants('default', 'viewer'),
      ])
      equal((await both.view({ project: sharing })).sees, 'everything')
    },
  },
  {
    name: 'a fine-grained client gets an error for instances, projects and operations that it may not view, not "not found"',
    topic,
    needs: ['fine-grained', 'instance'],
    async run(context) {
      const { client, cleanup, instance, unique } = context
      const { instance: name, snapshot } = await instance()
      const lacking = /lacks the entitlement "can_view_instances" on project "default"/
      const maker = await meetIdentity(context, grants('default', 'can_view', 'image_manager'))
      for (const call of [
        () => maker.images.createFromInstance(name),
        () => maker.images.createFromSnapshot(name, snapshot),
        () => maker.images.createFromInstance(unique('absent')),
      ])
        match((await expectError(call(), 'not-authorized')).message, lacking)
      const viewer = await meetIdentity(context, grants('default', 'viewer'))
      await expectError(viewer.images.createFromInstance(unique('absent')), 'not-found')

      const { operation } = await client.certificates.createToken(unique('token'))
      cleanup(() => operation.cancel())
      const id = operation.id ?? ''
      const nobody = await meetIdentity(context, [])
      const unseen = /may not view project "default"/
      for (const call of [
        () => nobody.images.createFromInstance(name),
        () => nobody.request({ method: 'GET', path: '/1.0/projects/default' }),
        () => nobody.operations.get(id),
      ])
        match((await expectError(call(), 'not-authorized')).message, unseen)
      match((await expectError(nobody.operations.wait(id), 'outcome-unknown')).message, unseen)
      await expectError(viewer.operations.get(crypto.randomUUID()), 'not-found')
    },
  },
  {
    name: 'the error of a change by a fine-grained client that may only view names the missing entitlement',
    topic,
    needs: ['fine-grained', 'instance'],
    async run(context) {
      const { client, cleanup, imageFile, instance, uploaded, unique } = context
      const [name, file] = [unique('seen'), await imageFile()]
      const { fingerprint } = await uploaded({}, { aliases: [name] })
      const viewer = await meetIdentity(context, grants('default', 'viewer'))
      const { instance: publishable } = await instance()
      const calls: [entitlement: string, call: () => Promise<unknown>][] = [
        ['can_create_images', () => viewer.images.upload(file.source, { fingerprint: file.fingerprint })],
        ['can_create_images', () => viewer.images.createFromInstance(publishable)],
        ['can_edit_images', () => viewer.images.update(fingerprint, { public: true })],
        ['can_edit_images', () => viewer.images.createSecret(fingerprint)],
        ['can_delete_images', () => viewer.images.delete(fingerprint)],
        ['can_create_image_aliases', () => viewer.aliases.create(unique('new'), { target: fingerprint })],
        ['can_edit_image_aliases', () => viewer.aliases.update(name, { description: 'new' })],
        ['can_delete_image_aliases', () => viewer.aliases.delete(name)],
      ]
      for (const [entitlement, call] of calls) {
        const { message } = await expectError(call(), 'not-authorized')
        match(message, new RegExp(`lacks the entitlement "${entitlement}" on project "default"`))
        ok(message.includes('lxc auth group permission add GROUP project default'), message)
      }
      const { operation } = await client.certificates.createToken(unique('token'))
      cleanup(() => operation.cancel())
      const looker = await meetIdentity(context, grants('default', 'can_view'))
      match(
        (await expectError(looker.operations.get(operation.id ?? ''), 'not-authorized')).message,
        /lacks the entitlement "can_view_operations" on project "default"/,
      )
      reduced(await looker.view({ of: 'operations' }), 'part', /"can_view_operations" on project "default"/)
      equal((await viewer.view({ of: 'operations' })).sees, 'everything')
    },
  },
  {
    name: 'every call with a replaced or revoked bearer token fails and names the token as the reason',
    topic,
    needs: ['bearer-tokens'],
    async run(context) {
      const { client, connect, cleanup, unique } = context
      const name = unique('bearer')
      const group = unique('group')
      const auth = async (method: 'POST' | 'DELETE', path: string, json?: unknown) =>
        client.request({ method, path: `/1.0/auth/${path}`, ...(json === undefined ? {} : { json }) })
      const permissions = [{ entity_type: 'project', url: '/1.0/projects/default', entitlement: 'viewer' }]
      await auth('POST', 'groups', { name: group, permissions })
      cleanup(() => auth('DELETE', `groups/${group}`))
      const { token } = await client.certificates.createBearerToken(name, { groups: [group] })
      cleanup(() => auth('DELETE', `identities/bearer/${name}`))
      const first = await connect({ token })
      equal((await first.view()).sees, 'everything')
      const reissued = (await auth('POST', `identities/bearer/${name}/token`, { expiry: '1d' })).metadata
      const second = await connect({ token: (reissued as { token: string }).token })
      equal((await second.view()).sees, 'everything')
      await auth('DELETE', `identities/bearer/${name}/token`)
      for (const one of [first, second])
        for (const call of [() => one.images.find('f'.repeat(64)), () => one.images.list(), () => one.view()])
          match(
            (await expectError(call(), 'not-authorized')).message,
            /does not accept the token: it was revoked or replaced by a newer one/,
          )
    },
  },
]

function grants(project: string, ...entitlements: string[]): { project: string; entitlement: string }[] {
  return entitlements.map((entitlement) => ({ project, entitlement }))
}

function reduced(view: View, sees: View['sees'], reason: RegExp): void {
  deepEqual([view.sees, view.stranger], [sees, false])
  match(view.reason, reason)
  ok(view.remedy.includes('lxc auth group permission add GROUP project '), view.remedy)
}
