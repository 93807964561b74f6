/**
 * The property that an image has from the first moment of a download by alias. The owner's property cannot be part of that
 * request: the alias may give an image that the server already has, and then the server would overwrite its owner. This
 * property contains the fingerprint of the image that it is for, so that it does not count for any other.
 */
export const creationProperty = 'hyperkit.creation'

/** The owner and the names of an image that was requested by alias. */
export interface CreationMark {
  owner: string
  names: string[]
}

export function writeCreationMark({ owner, names }: CreationMark, fingerprint: string): string {
  return [`${fingerprint} ${owner}`, ...names].join('\n')
}

/** Reads the mark; undefined if there is none, or if it is for another image. */
export function readCreationMark({
  fingerprint,
  properties,
}: {
  fingerprint: string
  properties: Readonly<Record<string, string>>
}): CreationMark | undefined {
  const [first = '', ...names] = (properties[creationProperty] ?? '').split('\n')
  const [about, owner = ''] = first.split(' ')
  return about === fingerprint && owner !== '' ? { owner, names } : undefined
}
