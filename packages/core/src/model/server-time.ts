/**
 * Reads a time of the server; undefined for "none", which servers write as the year 1 or 1970.
 *
 * Both forms occur: uploads without expiry have 1970 on LXD and 0001 on Incus.
 */
export function readTime(text: string | undefined | null): Date | undefined {
  if (!text) return undefined
  const time = new Date(text)
  return Number.isNaN(time.getTime()) || time.getUTCFullYear() <= 1970 ? undefined : time
}
