import { describe, expect, test } from 'vitest'
import { type Caller, judgeCaller, type Permission } from '../model/caller.ts'
import { findMissingEntitlements } from './usage-visibility.ts'

const address = { 'core.https_address': '[::]:8443' }
const identity = (type: string, fineGrained: boolean | undefined, permissions: Permission[] = []) => ({
  identity: { type, fineGrained, permissions },
})
const onServer = (entitlement: string): Permission => ({ entityType: 'server', url: '/1.0', entitlement })
const onProject = (project: string, entitlement: string): Permission => ({
  entityType: 'project',
  url: `/1.0/projects/${encodeURIComponent(project)}`,
  entitlement,
})
const incus = { kind: 'incus', trusted: true, method: 'tls', config: address } as const
const oldLxd = { kind: 'lxd', trusted: true, method: undefined, config: address } as const
const lxd = { kind: 'lxd', trusted: true, method: 'tls', config: address } as const

const seeing: [string, Caller][] = [
  ['root’s socket', { ...incus, method: 'unix', config: {} }],
  [
    'root’s socket of a server on which a script decides',
    { ...incus, method: 'unix', config: { 'authorization.scriptlet': 'x' } },
  ],
  [
    'root’s socket of LXD 5.0.2, which reports neither the method nor any configuration,',
    { ...oldLxd, config: {} },
  ],
  ['an unrestricted certificate', incus],
  ['an unrestricted certificate of LXD 5.0.2', oldLxd],
  [
    'an unrestricted certificate of LXD with identities',
    { ...lxd, ...identity('Client certificate (unrestricted)', false) },
  ],
  [
    'an unrestricted certificate of the first LXD with identities',
    { ...lxd, ...identity('Client certificate (unrestricted)', undefined) },
  ],
  [
    'a certificate on a server on which OpenFGA decides about logins',
    { ...incus, config: { ...address, 'openfga.api.url': 'x' } },
  ],
  [
    'a login about which neither a script nor OpenFGA decides',
    { ...incus, method: 'oidc', config: { ...address, 'oidc.issuer': 'x' } },
  ],
  [
    'a certificate that is allowed everything on a server on which a script decides about others',
    {
      ...incus,
      config: { ...address, 'authorization.scriptlet': 'x', 'authorization.client.tls': 'allow' },
    },
  ],
  [
    'a certificate on a server that names OpenFGA for logins',
    {
      ...incus,
      config: { ...address, 'openfga.api.url': 'x', 'authorization.client.oidc': 'openfga' },
    },
  ],
  ...['admin', 'viewer', 'project_manager', 'can_view_projects'].map((name): [string, Caller] => [
    `an identity with "${name}" on the server`,
    { ...lxd, config: null, ...identity('Client certificate', true, [onServer(name)]) },
  ]),
]

test.each(seeing)('%s is shown everything', (_, caller) => {
  expect(judgeCaller(caller)).toBe('whole')
})

const hidden: [string, Caller][] = [
  ['a stranger', { ...incus, trusted: false }],
  ['a restricted certificate', { ...incus, config: {} }],
  ['a restricted certificate of LXD', { ...oldLxd, config: null }],
  [
    'a restricted certificate of LXD with identities',
    { ...lxd, config: null, ...identity('Client certificate (restricted)', false) },
  ],
  ['a client that is not shown the configuration', { ...incus, config: undefined }],
  [
    'a client that is shown only the keys that Incus shows to everybody',
    { ...incus, config: { 'user.ui.title': 'x' } },
  ],
  ['a client of a newer LXD with an empty configuration', { ...lxd, config: {} }],
  [
    'a login about which OpenFGA decides',
    { ...incus, method: 'oidc', config: { ...address, 'openfga.api.url': 'x' } },
  ],
  [
    'a certificate about which a script decides',
    { ...incus, config: { ...address, 'authorization.scriptlet': 'x' } },
  ],
  [
    'a certificate for which the configuration names OpenFGA',
    { ...incus, config: { ...address, 'authorization.client.tls': 'openfga' } },
  ],
]

test.each(hidden)('%s is not shown everything', (_, caller) => {
  expect(judgeCaller(caller)).toEqual({ missing: expect.any(String) })
})

test('a script that decides about all clients also decides about a certificate', () => {
  const config = { ...address, 'authorization.client.default': 'scriptlet' }
  expect(judgeCaller({ ...incus, config })).toEqual({ missing: expect.stringContaining('client.default') })
})

test('the reason names the configuration key that leaves the right of the client unproven', () => {
  const config = { ...address, 'authorization.scriptlet': 'x' }
  expect(judgeCaller({ ...incus, config })).toEqual({
    missing: expect.stringContaining('"authorization.scriptlet"'),
  })
})

test('a fine-grained identity is judged by its entitlements, whatever configuration it is shown', () => {
  const permissions = [onServer('can_edit'), onProject('default', 'operator')]
  expect(judgeCaller({ ...lxd, ...identity('Client certificate', true, permissions) })).toBe('some')
  expect(judgeCaller({ ...lxd, method: 'oidc', ...identity('OIDC client', undefined, []) })).toBe('some')
})

describe('a fine-grained identity', () => {
  const own = { name: 'own web', ownImages: true, ownProfiles: true }

  test('entitlements on projects do not show all users of the images of "default"', () => {
    const permissions = [onProject('default', 'operator'), onProject('shared', 'operator')]
    const missing = expect.stringMatching(/^entitlement "viewer" on the server .*"default"/)
    expect(
      findMissingEntitlements(permissions, { name: 'default', ownImages: true, ownProfiles: true }),
    ).toEqual(missing)
    expect(
      findMissingEntitlements(permissions, { name: 'shared', ownImages: false, ownProfiles: true }),
    ).toEqual(missing)
  })

  test.each([
    [['viewer']],
    [['operator']],
    [['instance_manager', 'profile_manager']],
    [['can_view_instances', 'can_view_profiles']],
  ])('the entitlements %j on a project show all users of its own images', (names) => {
    const permissions = names.map((name) => onProject(own.name, name))
    expect(findMissingEntitlements(permissions, own)).toBeUndefined()
    expect(findMissingEntitlements(permissions, { ...own, name: 'other' })).toBe(
      'entitlement "can_view_instances" on project "other" and "can_view_profiles" on project "other"',
    )
  })

  test.each([
    [['can_view_instances'], 'entitlement "can_view_profiles" on project "own web"'],
    [
      ['can_view', 'image_manager', 'can_view_profiles'],
      'entitlement "can_view_instances" on project "own web"',
    ],
  ])('the entitlements %j on a project do not show all users of its own images', (names, missing) => {
    expect(
      findMissingEntitlements(
        names.map((name) => onProject(own.name, name)),
        own,
      ),
    ).toBe(missing)
  })

  test('a project without profiles of its own needs the right to view those of "default"', () => {
    const project = { ...own, ownProfiles: false }
    const operator = onProject(own.name, 'operator')
    expect(findMissingEntitlements([operator], project)).toBe(
      'entitlement "can_view_profiles" on project "default"',
    )
    expect(
      findMissingEntitlements([operator, onProject('default', 'can_view_profiles')], project),
    ).toBeUndefined()
  })
})
