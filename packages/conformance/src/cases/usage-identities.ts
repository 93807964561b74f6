import { equal, match, ok } from 'node:assert/strict'
import { type Client, supports, UsageHiddenError } from '@hyperkit/core'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import { makeInstance, makeSharing } from '../harness/make-instance.ts'
import { type Granted, meetIdentity } from '../harness/meet.ts'

const topic = 'usage'
const needs = ['fine-grained'] as const

const on = (project: string, ...entitlements: string[]): Granted[] =>
  entitlements.map((entitlement) => ({ project, entitlement }))

/** Entitlements that suffice to see all uses of images in `default`, or in a project with separate images. */
const enough = {
  server: ['admin', 'viewer', 'project_manager', 'can_view_projects'],
  project: [['operator'], ['viewer'], ['can_view', 'can_view_instances', 'can_view_profiles']],
}

export const cases: ConformanceCase[] = [
  {
    name: 'an identity that may view all projects can list the used images of every project',
    topic,
    needs,
    async run(context) {
      const places = ['default', await makeSharing(context), await context.makeProject()]
      const made = []
      for (const project of places) made.push({ project, ...(await makeInstance(context, project)) })
      for (const entitlement of enough.server) {
        const one = await meetIdentity(context, [{ entitlement }])
        for (const { project, fingerprint } of made)
          ok((await one.project(project).images.used()).has(fingerprint), `${entitlement} in ${project}`)
      }
    },
  },
  {
    name: 'an identity that may view the instances and profiles of a project with separate images can list its used images',
    topic,
    needs,
    async run(context) {
      // Its profiles are those of `default`.
      const project = await context.makeProject()
      const { fingerprint } = await makeInstance(context, project)
      for (const entitlements of enough.project) {
        const granted = on(project, ...entitlements)
        const short = await meetIdentity(context, granted)
        match(await refusal(short.project(project)), /"can_view_profiles" on project "default"/)
        const one = await meetIdentity(context, [
          ...granted,
          ...on('default', 'can_view', 'can_view_profiles'),
        ])
        ok((await one.project(project).images.used()).has(fingerprint), entitlements.join())
      }
    },
  },
  {
    name: 'an identity with fewer permissions cannot list used images, and the error names the missing entitlement',
    topic,
    needs,
    async run(context) {
      const [sharing, own] = [await makeSharing(context), await context.makeProject()]
      const made = await makeInstance(context, sharing)
      const managers = ['can_view', 'image_manager', 'image_alias_manager']
      const all = ['default', sharing, own]
      const lacking: [granted: Granted[], project: string, missing: RegExp][] = [
        [on('default', 'operator'), 'default', /entitlement "viewer" on the server/],
        [all.flatMap((name) => on(name, 'operator')), 'default', /entitlement "viewer" on the server/],
        [all.flatMap((name) => on(name, 'operator')), sharing, /entitlement "viewer" on the server/],
        [on('default', ...managers), 'default', /entitlement "viewer" on the server/],
        // This identity can see the configuration.
        [[{ entitlement: 'can_edit' }], 'default', /entitlement "viewer" on the server/],
        [
          on(own, ...managers),
          own,
          /entitlement "can_view_instances" on project ".+" and "can_view_profiles" on project/,
        ],
        [on(own, ...managers, 'can_view_profiles'), own, /entitlement "can_view_instances" on project/],
      ]
      for (const [granted, project, missing] of lacking) {
        const one = await meetIdentity(context, granted)
        match(await refusal(one.project(project)), missing)
      }
      // Without the check the client would trust this list, in which the instance is missing.
      const operator = await meetIdentity(context, on('default', 'operator'))
      const { metadata } = await operator.request({
        method: 'GET',
        path: '/1.0/instances',
        query: { recursion: '2', 'all-projects': 'true' },
      })
      ok(!JSON.stringify(metadata).includes(made.fingerprint))
      const server = await context.client.server()
      equal(supports(server, 'access_management'), true)
    },
  },
]

async function refusal(client: Client): Promise<string> {
  const error = await expectError(client.images.used(), 'not-authorized')
  ok(error instanceof UsageHiddenError)
  return error.missing
}
