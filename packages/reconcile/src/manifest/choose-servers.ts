import type { WrittenChoice } from './image-schema.ts'

/** Servers by name, with their labels. */
export type LabelledServers = ReadonlyMap<string, Readonly<Record<string, string>>>

/** What says which servers get an image: its own words if it has any, else those of the defaults of its file. */
export function choiceOf(image: WrittenChoice, defaults: WrittenChoice = {}): WrittenChoice {
  return isChoice(image) ? image : defaults
}

/** Whether anything is chosen, rather than all servers. */
export function isChoice({ servers, serverLabels }: WrittenChoice): boolean {
  return servers !== undefined || serverLabels !== undefined
}

/** The names that are listed, or those of all servers with all the labels, or all. */
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

/** Every pair of label and value that some server has. */
export function knownLabels(all: Iterable<Readonly<Record<string, string>>>): string[] {
  const pairs = [...all].flatMap((labels) => Object.entries(labels).map(([key, value]) => `${key}=${value}`))
  return [...new Set(pairs)].sort()
}
