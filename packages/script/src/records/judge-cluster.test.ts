import type { ClusterMember } from '@hyperkit/core'
import { expect, test } from 'vitest'
import { judgeCluster } from './judge-cluster.ts'

const member = (name: string, more: Partial<ClusterMember> = {}): ClusterMember => ({
  name,
  url: `https://10.0.0.${name.slice(1)}:8443`,
  state: 'online',
  status: 'Online',
  message: 'Fully operational',
  roles: name === 'm1' ? ['database-leader', 'database'] : ['database'],
  architecture: 'x86_64',
  ...more,
})
const offline = { state: 'offline', status: 'Offline', message: 'No heartbeat for 24s' } as const
const cluster = (...members: ClusterMember[]) => ({ kind: 'cluster' as const, members })

test('there is nothing to say about a single server', () => {
  expect(judgeCluster({ kind: 'single' }, [])).toEqual([])
})

test('a cluster whose members are hidden from the client is a warning with the reason, and no cluster without members', () => {
  const reason = 'the server does not trust this client'
  expect(judgeCluster({ kind: 'hidden', reason }, [])).toEqual([
    {
      status: 'warning',
      subject: 'cluster',
      detail: `the server does not show this client the members of its cluster: ${reason}`,
    },
  ])
})

test('images that several members have are fine, and images that one member has are a warning', () => {
  const all = cluster(member('m1'), member('m2'))
  const judge = (...locations: string[][]) =>
    judgeCluster(
      all,
      locations.map((names) => ({ locations: names })),
    ).map(({ status, detail }) => [status, detail])
  expect(judge(['m1', 'm2'])).toEqual([
    ['ok', '2 members: m1 (leader), m2; all are online'],
    ['ok', '1 image: m1 has 1, m2 has 1'],
  ])
  expect(judge(['m1', 'm2'], ['m2'])).toEqual([
    ['ok', '2 members: m1 (leader), m2; all are online'],
    ['warning', '2 images: m1 has 1, m2 has 2; only one member has 1 of them'],
  ])
})

test('a member that is offline is a problem, as are images that only such members have; an evacuated one is a warning', () => {
  const evacuated = {
    state: 'other',
    status: 'Evacuated',
    message: 'Unavailable due to maintenance',
  } as const
  const found = judgeCluster(cluster(member('m1'), member('m2', evacuated), member('m3', offline)), [
    { locations: ['m3'] },
    { locations: ['m1', 'm3'] },
  ])
  expect(found.map(({ status, subject }) => [status, subject])).toEqual([
    ['ok', 'cluster'],
    ['warning', 'cluster member "m2" (https://10.0.0.2:8443)'],
    ['problem', 'cluster member "m3" (https://10.0.0.3:8443)'],
    ['problem', 'image files'],
  ])
  expect(found.at(-1)?.detail).toContain(
    '1 cannot be used, since only members that are offline have them: m3',
  )
})

test('a server that does not report where files are is not taken for one without copies', () => {
  const [, files] = judgeCluster(cluster(member('m1')), [{ locations: undefined }])
  expect(files).toEqual({
    status: 'ok',
    subject: 'image files',
    detail: 'this server does not report which members have them',
  })
})
