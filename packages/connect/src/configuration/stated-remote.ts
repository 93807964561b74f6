import type { Environment } from '../transport/transport-options.ts'
import type { ClientName } from './remote.ts'
import { splitRemoteName } from './split-remote-name.ts'

/** Client and name in the variable HYPERKIT_REMOTE; both undefined if it is not set. */
export function statedRemote({ HYPERKIT_REMOTE = '' }: Environment): {
  client: ClientName | undefined
  name: string | undefined
} {
  return splitRemoteName(HYPERKIT_REMOTE)
}
