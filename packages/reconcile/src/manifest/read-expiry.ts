/** Reads a date, a time or `never` (`null`); undefined if it is none of these. */
export function readExpiry(value: string): Date | null | undefined {
  if (value === 'never') return null
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(
    value,
  )
  if (!match) return undefined
  const time = new Date(value)
  // Some engines read `2027-02-30T00:00Z` as March 2, so check that the day exists in its month.
  const daysInMonth = new Date(Date.UTC(Number(match[1]), Number(match[2]), 0)).getUTCDate()
  const exists = Number(match[3]) <= daysInMonth
  return Number.isNaN(time.getTime()) || !exists || time.getUTCFullYear() <= 1970 ? undefined : time
}
