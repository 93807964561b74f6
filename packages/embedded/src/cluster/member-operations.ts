import type { Dialect } from '../dialect/dialect.ts'
import { isFinal, type Operation } from '../operations/operation.ts'
import type { Operations } from '../operations/operations.ts'
import type { Cluster, Member } from './cluster.ts'

/** The operations of all members as one of them shows them; those that it starts are its own. */
export function memberOperations(
  shared: Operations,
  cluster: Cluster,
  { name }: Member,
  { operationsOfDeadMembers }: Dialect,
): Operations {
  const lost = (): Operation[] =>
    operationsOfDeadMembers === 'shown' ? cluster.lostOperations().filter((one) => !isFinal(one)) : []
  return {
    ...shared,
    start: (what) => shared.start({ ...what, location: name }),
    list: () => [...shared.list(), ...lost()],
    get(id) {
      const found = lost().find((operation) => operation.id === id)
      if (found !== undefined) return found
      cluster.requireOperation(id)
      return shared.get(id)
    },
    cancel(operation) {
      cluster.requireOperation(operation.id)
      return shared.cancel(operation)
    },
    spend(token) {
      cluster.requireOperation(token.id)
      shared.spend(token)
    },
  }
}
