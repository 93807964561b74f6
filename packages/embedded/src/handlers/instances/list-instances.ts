import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { isRecursive } from '../../call/is-recursive.ts'
import { refusal } from '../../dialect/fill.ts'
import type { SeededInstance } from '../../records/seeded-instance.ts'
import { mayWith } from '../../trust/rights.ts'
import { placeInstance } from './place-instance.ts'
import { renderInstance } from './render-instance.ts'
import { renderSnapshot, snapshotsOf } from './render-snapshot.ts'

/** `GET /1.0/instances`; with recursion 2 or more, including snapshots. */
export function listInstances({ server, query, project, peer }: Call): Response {
  const { dialect } = server
  const all = query.get('all-projects') === 'true'
  if (all && query.has('project'))
    throw new Failure(400, 'Cannot specify a project when requesting all projects')
  // T74: the peer sees only what it may view; a restricted certificate may get nothing for all projects.
  if (all && peer.projects !== undefined && dialect.restrictedAllInstances !== 'own')
    throw refusal(dialect.restrictedAllInstances)
  const instances = server.instances
    .filter((one) => all || projectOf(one) === project)
    .filter((one) => mayWith(peer, 'can_view_instances', projectOf(one), `/1.0/instances/${one.name}`))
  if (!isRecursive(query, dialect)) return syncAnswer(instances.map((one) => urlOf(one.name, one.project)))
  const render = Number(query.get('recursion')) < 2 ? renderInstance : renderFull
  return syncAnswer(instances.map((one) => placeInstance(server, one, render(one))))
}

function renderFull(instance: SeededInstance): Record<string, unknown> {
  const snapshots = snapshotsOf(instance).map((snapshot) => renderSnapshot(instance, snapshot))
  return { ...renderInstance(instance), snapshots: snapshots.length === 0 ? null : snapshots }
}

function projectOf({ project = 'default' }: SeededInstance): string {
  return project
}

function urlOf(name: string, project = 'default'): string {
  return `/1.0/instances/${name}${project === 'default' ? '' : `?project=${encodeURIComponent(project)}`}`
}
