/**
 * The property that an image has from the first moment of a download by an alias on. The owner's mark cannot be in that request:
 * the alias may give an image that is there already, whose mark the server would overwrite. This names the image that it is
 * good for, so that it says nothing about any other.
 */
export const creationProperty = 'hyperkit.creation'

/** Whose an image is that was to come, and what it was to be called. */
export interface CreationNote {
  owner: string
  names: string[]
}

export function writeNote({ owner, names }: CreationNote, fingerprint: string): string {
  return [`${fingerprint} ${owner}`, ...names].join('\n')
}

/** Undefined where there is none, and where it is not about this image. */
export function readNote({
  fingerprint,
  properties,
}: {
  fingerprint: string
  properties: Readonly<Record<string, string>>
}): CreationNote | undefined {
  const [first = '', ...names] = (properties[creationProperty] ?? '').split('\n')
  const [about, owner = ''] = first.split(' ')
  return about === fingerprint && owner !== '' ? { owner, names } : undefined
}
