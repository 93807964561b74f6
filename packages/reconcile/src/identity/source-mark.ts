/**
 * The property by which a published image says what it was made from. Each publish of the same content makes another
 * fingerprint, so that nothing else tells whether it was done.
 */
export const sourceProperty = 'hyperkit.source'

export interface PublishedFrom {
  instance: string
  snapshot: string | undefined
  /** Of the snapshot, by its server: one that was made anew is another one. */
  createdAt: Date | undefined
}

/** `instance web1`, `snapshot web1/release of 2026-03-01T10:00:00.000Z` */
export function sourceMark({ instance, snapshot, createdAt }: PublishedFrom): string {
  if (snapshot === undefined) return `instance ${instance}`
  return `${snapshotPrefix(instance, snapshot)}${createdAt === undefined ? 'unknown' : createdAt.toISOString()}`
}

/** Whether a mark is of this instance or snapshot, whenever the snapshot was made. */
export function isMarkOf(mark: string | undefined, instance: string, snapshot: string | undefined): boolean {
  if (snapshot === undefined) return mark === `instance ${instance}`
  return mark?.startsWith(snapshotPrefix(instance, snapshot)) ?? false
}

function snapshotPrefix(instance: string, snapshot: string): string {
  return `snapshot ${instance}/${snapshot} of `
}
