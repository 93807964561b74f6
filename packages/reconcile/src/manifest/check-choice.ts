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

/** Checks that the servers or labels that choose the servers of an image exist. */
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
    complain(at, '"serverLabels" cannot be combined with "servers": choose servers by name or by label')
    return
  }
  if (Object.keys(labels).length === 0)
    complain(at, '"serverLabels" is empty: leave it out to choose all servers')
  else if (!allowsNone && servers.size > 0 && chooseServers(choice, servers).length === 0)
    complain(at, `no server has ${showLabels(labels)}: ${hintOf(labels, servers)}`)
}

/** Checks that each override is for a server that gets the image; any other is a mistake. */
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
        `server "${name}" does not get image "${image.name}", so an override for it has no effect`,
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
    complain(path, '"servers" is empty: leave it out to choose all servers')
  for (const [index, name] of (names ?? []).entries()) {
    if (names?.indexOf(name) !== index) complain([...path, index], `server "${name}" is listed twice`)
    else if (!known.includes(name)) complain([...path, index], unknownServer(name, known))
  }
}

/** The message about a server that the manifest does not declare. */
export function unknownServer(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known)
  const hint = nearest === undefined ? `known servers: ${known.join(', ')}` : `did you mean "${nearest}"?`
  return `unknown server "${name}": ${hint}`
}

function hintOf(labels: Readonly<Record<string, string>>, servers: LabelledServers): string {
  const known = knownLabels(servers.values())
  if (known.length === 0) return 'the servers have no "labels"'
  const missing = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  const unknown = missing.find((pair) => !known.includes(pair))
  const nearest = unknown === undefined ? undefined : nearestName(unknown, known)
  return nearest === undefined ? `known labels: ${known.join(', ')}` : `did you mean ${nearest}?`
}
