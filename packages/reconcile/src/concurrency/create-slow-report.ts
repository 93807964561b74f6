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
 * @param tell gets the names, in the order in which they were begun
 */
export function createSlowReport(tell: (names: readonly string[]) => void, after = slowAfter): SlowReport {
  const waiting = new Set<{ name: string; isTold: boolean }>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const report = (): void => {
    timer = undefined
    const late = [...waiting].filter(({ isTold }) => !isTold)
    for (const each of late) each.isTold = true
    if (late.length > 0) tell(late.map(({ name }) => name))
  }
  return {
    async during(name, work) {
      const mine = { name, isTold: false }
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
