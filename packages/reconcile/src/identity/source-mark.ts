/**
 * The property that records what a published image was made from. Publishing the same instance again gives another
 * fingerprint, so nothing else shows whether it was published already.
 */
export const sourceProperty = 'hyperkit.source'

export interface PublishedFrom {
  instance: string
  snapshot: string | undefined
  /** When the server created the snapshot: one with the same name that was created again is another snapshot. */
  createdAt: Date | undefined
}

/** For example `instance web1`, or `snapshot web1/release of 2026-03-01T10:00:00.000Z`. */
export function sourceMark({ instance, snapshot, createdAt }: PublishedFrom): string {
  if (snapshot === undefined) return `instance ${instance}`
  return `${snapshotPrefix(instance, snapshot)}${createdAt === undefined ? 'unknown' : createdAt.toISOString()}`
}

/** Whether a mark is of this instance or snapshot, whenever the snapshot was created. */
export function isMarkOf(mark: string | undefined, instance: string, snapshot: string | undefined): boolean {
  if (snapshot === undefined) return mark === `instance ${instance}`
  return mark?.startsWith(snapshotPrefix(instance, snapshot)) ?? false
}

function snapshotPrefix(instance: string, snapshot: string): string {
  return `snapshot ${instance}/${snapshot} of `
}
