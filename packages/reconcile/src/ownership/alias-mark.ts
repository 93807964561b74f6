/**
 * The second place of the owner's mark: the end of an alias's description. A server-side refresh replaces the image,
 * loses its properties and moves its aliases, descriptions included.
 */
const marked = /^(?:([\s\S]*) )?\[hyperkit: ([A-Za-z0-9][A-Za-z0-9._/-]{0,127})\]$/

export interface ReadMark {
  /** The description as people wrote it. */
  text: string
  /** Name of the manifest that the alias belongs to; `null` for none. */
  owner: string | null
}

export function readMark(description: string): ReadMark {
  const match = marked.exec(description)
  return match === null
    ? { text: description, owner: null }
    : { text: match[1] ?? '', owner: match[2] ?? null }
}

/** The description with this mark instead of the one that it has; `null` takes it off. */
export function writeMark(description: string, owner: string | null): string {
  const { text } = readMark(description)
  if (owner === null) return text
  return text === '' ? `[hyperkit: ${owner}]` : `${text} [hyperkit: ${owner}]`
}
