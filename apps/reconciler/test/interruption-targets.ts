import process from 'node:process'
import { readServers } from '@hyperkit/conformance'

type Named = readonly [kind: 'embedded' | 'real', dialect: 'lxd' | 'incus']

const isNode = !('deno' in process.versions || 'bun' in process.versions)

/**
 * A real server is tried at each third point only, because each costs a second or two: `npm run soak -- kills` tries all of them, and
 * `HYPERKIT_EVERY_POINT` makes these tests do so too.
 */
export const pointsApart = process.env.HYPERKIT_EVERY_POINT ? 1 : 3

/**
 * Servers on which a command is interrupted at every point, which takes minutes. The order of the requests is the same on every runtime and
 * on every server of a kind: Node tries the real servers, or without these both embedded ones, and Bun and Deno try one embedded server.
 */
export function interruptionTargets(): readonly Named[] {
  if (!isNode) return [['embedded', 'incus']]
  const kind = readServers().length === 0 ? 'embedded' : 'real'
  return [
    [kind, 'lxd'],
    [kind, 'incus'],
  ]
}
