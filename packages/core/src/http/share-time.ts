/** Of the time that is left, an address gets this part; after it others are asked, since it may hang. The last one gets all. */
const share = 2 / 3

/** The most milliseconds that are added to find out what became of a request whose answer was lost late. */
const settling = 5_000

/** The time of one request over all addresses of a server: several addresses are no reason to wait longer. */
export interface SharedTime {
  /** Milliseconds in which the answer to an attempt must begin. */
  ofAttempt(attempt: number): number | false
  /** An answer was lost. After the first, some time must be left to find out what became of the request. */
  lose(): void
  /** Milliseconds that are left to find that out; undefined if the request has no limit. */
  ofLook(): number | undefined
  isOver(): boolean
}

/** @param limit milliseconds until the answer to the request must begin */
export function shareTime(limit: number | false, addresses: number): SharedTime {
  if (limit === false)
    return { ofAttempt: () => false, lose() {}, ofLook: () => undefined, isOver: () => false }
  let end = performance.now() + limit
  let isFirst = true
  const least = Math.min(limit / 3, settling)
  const left = (): number => Math.max(1, Math.round(end - performance.now()))
  return {
    ofAttempt: (attempt) => (attempt < addresses ? readable(left() * share) : left()),
    lose() {
      if (isFirst) end = Math.max(end, performance.now() + least)
      isFirst = false
    },
    ofLook: () => Math.max(left(), Math.round(least)),
    // A timer may end a moment too early.
    isOver: () => end - performance.now() < 2,
  }
}

/** Whole seconds where they are many, since errors show the time. */
function readable(milliseconds: number): number {
  return milliseconds < 3_000 ? Math.round(milliseconds) : Math.floor(milliseconds / 1_000) * 1_000
}
