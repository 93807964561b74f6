/**
 * The property that records which manifest created an image. An image without an owner is never removed. An image
 * has it from its first moment where the server allows that. A refresh by the server loses it; `find-owner.ts` says what replaces it then.
 */
export const ownerProperty = 'hyperkit.manifest'

/** The property with all names that the image has had in its manifest, one per line. Versions of a name are found by it. */
export const namesProperty = 'hyperkit.image'

/** Whether a property is one of Hyperkit's own, whichever manifest wrote it. */
export function isMark(key: string): boolean {
  return key.startsWith('hyperkit.')
}

/** The names in {@link namesProperty}, which contain no line breaks. */
export function readNames(properties: Readonly<Record<string, string>>): string[] {
  return (properties[namesProperty] ?? '').split('\n').filter((name) => name !== '')
}

/** Adds names and removes none: an image that was a version of `a` and `b` stays a version of both. */
export function joinNames(before: readonly string[], added: readonly string[]): string {
  return [...new Set([...before, ...added])].join('\n')
}
