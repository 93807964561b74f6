/**
 * The property by which an image says which manifest created it. Nothing without it is ever removed. It arrives a step
 * after the image and a server-side refresh loses it; what stands in for it then is said in `find-owner.ts`.
 */
export const ownerProperty = 'hyperkit.manifest'

/** The names that the image has had in its manifest, one a line: the versions of a name are found by it. */
export const namesProperty = 'hyperkit.image'

/** Whether a property is this program's own, whichever manifest wrote it. */
export function isMark(key: string): boolean {
  return key.startsWith('hyperkit.')
}

/** The names in {@link namesProperty}; alias names contain no line break. */
export function readNames(properties: Readonly<Record<string, string>>): string[] {
  return (properties[namesProperty] ?? '').split('\n').filter((name) => name !== '')
}

/** Names are added and never taken away: an image that was a version of `a` and `b` stays one of both. */
export function joinNames(before: readonly string[], added: readonly string[]): string {
  return [...new Set([...before, ...added])].join('\n')
}
