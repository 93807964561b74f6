import { nearestName } from '@hyperkit/terminal/text'
import {
  choiceOf,
  chooseServers,
  isChoice,
  knownLabels,
  type LabelledServers,
  showLabels,
} from './choose-servers.ts'
import type { WrittenChoice, WrittenImage } from './image-schema.ts'
import type { Path } from './read-value.ts'

type Complain = (path: Path, message: string, isKey?: boolean) => void

/** Whether what says which servers get images names servers that there are. */
export function checkChoice(
  choice: WrittenChoice,
  path: Path,
  servers: LabelledServers,
  allowsNone: boolean,
  complain: Complain,
): void {
  const { servers: names, serverLabels: labels } = choice
  checkServerNames(names, [...path, 'servers'], [...servers.keys()], complain)
  if (labels === undefined) return
  const at = [...path, 'serverLabels']
  if (names !== undefined) {
    complain(at, '"serverLabels" excludes "servers": choose servers by name or by label')
    return
  }
  if (Object.keys(labels).length === 0) complain(at, '"serverLabels" is empty: leave it out for all servers')
  else if (!allowsNone && servers.size > 0 && chooseServers(choice, servers).length === 0)
    complain(at, `no server has ${showLabels(labels)}: ${hintOf(labels, servers)}`)
}

/** What is said of a server that does not get the image is a slip. */
export function checkOverrides(
  image: WrittenImage,
  defaults: WrittenChoice | undefined,
  path: Path,
  servers: LabelledServers,
  complain: Complain,
): void {
  const choice = choiceOf(image, defaults)
  const chosen = chooseServers(choice, servers)
  for (const name of Object.keys(image.overrides ?? {})) {
    const at = [...path, 'overrides', name]
    if (!servers.has(name)) complain(at, unknownServer(name, [...servers.keys()]), true)
    else if (isChoice(choice) && !chosen.includes(name))
      complain(
        at,
        `server "${name}" does not get image "${image.name}", so nothing can be said of it there`,
        true,
      )
  }
}

function checkServerNames(
  names: readonly string[] | undefined,
  path: Path,
  known: readonly string[],
  complain: Complain,
): void {
  if (names !== undefined && names.length === 0)
    complain(path, '"servers" is empty: leave it out for all servers')
  for (const [index, name] of (names ?? []).entries()) {
    if (names?.indexOf(name) !== index) complain([...path, index], `server "${name}" stands twice`)
    else if (!known.includes(name)) complain([...path, index], unknownServer(name, known))
  }
}

/** The sentence about a server that the manifest does not have. */
export function unknownServer(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known)
  const hint = nearest === undefined ? `known are ${known.join(', ')}` : `did you mean "${nearest}"?`
  return `unknown server "${name}": ${hint}`
}

function hintOf(labels: Readonly<Record<string, string>>, servers: LabelledServers): string {
  const known = knownLabels(servers.values())
  if (known.length === 0) return 'the servers have no "labels"'
  const missing = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  const slip = missing.find((pair) => !known.includes(pair))
  const nearest = slip === undefined ? undefined : nearestName(slip, known)
  return nearest === undefined ? `known are ${known.join(', ')}` : `did you mean ${nearest}?`
}
