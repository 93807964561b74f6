import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Collects garbage until a Request that nothing holds has gone, twice, so that whatever else is held weakly has gone too. */
export async function collectGarbage(): Promise<void> {
  for (let times = 0; times < 2; times++) {
    const unheld = forget()
    do {
      // What a turn of the event loop has dereferenced lives until its end.
      await turn()
      collect()
      await turn()
    } while (unheld.deref() !== undefined)
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function forget(): WeakRef<Request> {
  return new WeakRef(new Request('http://unheld.invalid', { signal: new AbortController().signal }))
}

function collect(): void {
  const { Bun } = globalThis as { Bun?: { gc(whole: boolean): void } }
  if (Bun) Bun.gc(true)
  else {
    setFlagsFromString('--expose-gc')
    const gc: () => void = runInNewContext('gc')
    gc()
  }
}
