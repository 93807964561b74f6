import type { Operations } from '../operations/operations.ts'
import type { Cluster, Member } from './cluster.ts'

/** The operations of all members as one of them shows them; those that it starts are its own. */
export function memberOperations(shared: Operations, cluster: Cluster, { name }: Member): Operations {
  return {
    ...shared,
    start: (what) => shared.start({ ...what, location: name }),
    get(id) {
      cluster.requireOperation(id)
      return shared.get(id)
    },
  }
}
