/** Things that are waited for at the same time. */
export interface SlowReport {
  /** Waits for something, under its name. */
  during<Result>(name: string, work: Promise<Result>): Promise<Result>
}

/** Milliseconds after which a person wonders what is waited for. */
const slowAfter = 3_000

/**
 * Reports what is still waited for after some seconds, each thing once.
 *
 * @example
 * ```ts
 * const slow = createSlowReport((names) => console.error(`waiting for ${names.join(', ')} …`))
 * console.log(await slow.during('edge1', Promise.resolve('answered')))
 * ```
 *
 * @param tell gets the names, in the order in which they were begun
 * @param after milliseconds after which something is reported
 */
export function createSlowReport(tell: (names: readonly string[]) => void, after = slowAfter): SlowReport {
  const waiting = new Set<Waiting>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const report = (): void => {
    timer = undefined
    const untold = [...waiting].filter(({ isTold }) => !isTold)
    // What was begun at about the same time is reported together.
    const late = untold.filter(({ since }) => performance.now() - since >= after * 0.9)
    for (const each of late) each.isTold = true
    if (late.length > 0) tell(late.map(({ name }) => name))
    const [next] = untold.filter(({ isTold }) => !isTold)
    if (next !== undefined) timer = setTimeout(report, next.since + after - performance.now())
  }
  return {
    async during(name, work) {
      const mine = { name, since: performance.now(), isTold: false }
      waiting.add(mine)
      timer ??= setTimeout(report, after)
      try {
        return await work
      } finally {
        waiting.delete(mine)
        if (waiting.size === 0) {
          clearTimeout(timer)
          timer = undefined
        }
      }
    },
  }
}

interface Waiting {
  name: string
  /** Milliseconds of a clock that is never set back. */
  since: number
  isTold: boolean
}
