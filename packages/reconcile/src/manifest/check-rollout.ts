import { nearestName } from '@hyperkit/terminal/text'
import type { LabelledServers } from './choose-servers.ts'
import type { Path } from './read-value.ts'
import type { WrittenRollout } from './rollout-schema.ts'

/** Checks that the label which keeps servers together in waves exists. */
export function checkRollout(
  { by }: WrittenRollout,
  servers: LabelledServers,
  complain: (path: Path, message: string) => void,
): void {
  const known = [...new Set([...servers.values()].flatMap((labels) => Object.keys(labels)))].sort()
  if (by === undefined || known.includes(by)) return
  const nearest = nearestName(by, known)
  const hint =
    nearest !== undefined
      ? `did you mean "${nearest}"?`
      : known.length === 0
        ? 'the servers have no "labels"'
        : `known labels: ${known.join(', ')}`
  complain(['rollout', 'by'], `no server has a label "${by}": ${hint}`)
}
