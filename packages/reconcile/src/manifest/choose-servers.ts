import type { WrittenChoice } from './image-schema.ts'

/** Servers by name, with their labels. */
export type LabelledServers = ReadonlyMap<string, Readonly<Record<string, string>>>

/** The choice of servers that applies to an image: its own if it has one, else that of its file's defaults. */
export function choiceOf(image: WrittenChoice, defaults: WrittenChoice = {}): WrittenChoice {
  return isChoice(image) ? image : defaults
}

/** Whether this chooses some servers rather than all. */
export function isChoice({ servers, serverLabels }: WrittenChoice): boolean {
  return servers !== undefined || serverLabels !== undefined
}

/** The servers that are listed, or else those that have all the labels; all servers if nothing is chosen. */
export function chooseServers({ servers, serverLabels }: WrittenChoice, all: LabelledServers): string[] {
  if (servers !== undefined) return [...servers]
  return [...all].filter(([, labels]) => hasLabels(labels, serverLabels ?? {})).map(([name]) => name)
}

export function hasLabels(
  labels: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value)
}

/** `tier=edge, site=berlin` */
export function showLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')
}

/** Every `label=value` that a server has, sorted. */
export function knownLabels(all: Iterable<Readonly<Record<string, string>>>): string[] {
  const pairs = [...all].flatMap((labels) => Object.entries(labels).map(([key, value]) => `${key}=${value}`))
  return [...new Set(pairs)].sort()
}
