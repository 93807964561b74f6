/** Milliseconds that an address has for a connection before the next one is tried beside it. */
export const headStart = 2_000

export interface Race<Candidate, Value> {
  candidates: readonly Candidate[]
  /** @param signal aborted when another candidate has won */
  attempt(candidate: Candidate, signal: AbortSignal): Promise<Value>
  /** Whether an error ends the race, once no candidate before is being tried any more. */
  isFinal(error: unknown): boolean
}

export interface Won<Candidate, Value> {
  winner: Candidate
  value: Value
  /** The candidates that were still being tried. */
  late: Candidate[]
}

/**
 * Tries candidates one after the other, each beside the ones before that have neither failed nor succeeded in time: an address whose host
 * is off answers nothing at all, and systems wait for it for minutes.
 *
 * @returns the first that succeeds
 * @throws the errors, in the order in which they came, as an AggregateError
 */
export function raceInTurn<Candidate, Value>({
  candidates,
  attempt,
  isFinal,
}: Race<Candidate, Value>): Promise<Won<Candidate, Value>> {
  return new Promise((resolve, reject) => {
    const waiting = [...candidates]
    const running = new Set<Candidate>()
    const errors: unknown[] = []
    const won = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const lose = (): void => {
      clearTimeout(timer)
      reject(new AggregateError(errors))
    }
    const startNext = (): void => {
      clearTimeout(timer)
      const [next] = waiting.splice(0, 1)
      if (next === undefined) return
      running.add(next)
      timer = setTimeout(startNext, headStart)
      attempt(next, won.signal).then(
        (value) => {
          running.delete(next)
          if (won.signal.aborted) return
          clearTimeout(timer)
          won.abort()
          resolve({ winner: next, value, late: [...running] })
        },
        (error: unknown) => {
          running.delete(next)
          if (won.signal.aborted) return
          errors.push(error)
          const isOver = waiting.length === 0 || errors.some(isFinal)
          if (running.size === 0 && isOver) lose()
          else startNext()
        },
      )
    }
    startNext()
  })
}
