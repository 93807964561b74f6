/**
 * The second place of the owner's mark: the end of an alias's description. A refresh by the server replaces the image and
 * loses its properties, but moves its aliases with their descriptions.
 */
const marked = /^(?:([\s\S]*) )?\[hyperkit: ([A-Za-z0-9][A-Za-z0-9._/-]{0,127})\]$/

export interface ReadMark {
  /** The description without the mark. */
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

/** Replaces the mark of a description; `null` removes it. */
export function writeMark(description: string, owner: string | null): string {
  const { text } = readMark(description)
  if (owner === null) return text
  return text === '' ? `[hyperkit: ${owner}]` : `${text} [hyperkit: ${owner}]`
}
