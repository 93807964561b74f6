import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { type Started, startCommand } from './start-command.ts'

export interface Watch extends Started {
  /** A sample of the metrics, such as `hyperkit_runs_total{result="changed"}`; undefined if there is none. */
  metric(sample: string): Promise<number | undefined>
  /** The sum of the samples of a family that have these labels, given as `reason="event"`. */
  sum(family: string, label?: string): Promise<number>
  /** Resolves when the condition holds; rejects if the watch ends before that. */
  until(isSo: () => Promise<boolean>): Promise<void>
  get(path: string): Promise<{ status: number; type: string | null; text: string }>
  /** Sends a signal, unless the command has ended, and returns its output and exit code. */
  end(signal: 'SIGTERM' | 'SIGINT'): ReturnType<typeof endOf>
}

/** Starts `watch` in a new process with its metrics on a free port, and waits for the end of its first pass. It ends with the test. */
export async function startWatch(
  args: readonly string[],
  options: { cwd: string; environment?: Record<string, string> },
): Promise<Watch> {
  const quick = ['--settle', '100ms', '--listen', '127.0.0.1:0']
  const started = await startCommand(['watch', ...quick, ...args], options)
  const [, url] =
    /serving (http:\S+)\/healthz/.exec(await started.shows('/healthz, /readyz and /metrics')) ?? []
  const get = async (path: string) => {
    const answer = await fetch(`${url}${path}`)
    return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() }
  }
  let hasEnded = false
  void started.ended.then(() => {
    hasEnded = true
  })
  const samples = async (): Promise<[string, number][]> =>
    (await get('/metrics')).text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))])
  const watch: Watch = {
    ...started,
    get,
    metric: async (sample) => (await samples()).find(([name]) => name === sample)?.[1],
    sum: async (family, label = '') =>
      (await samples())
        .filter(([name]) => name.split('{')[0] === family && name.includes(label))
        .reduce((total, [, value]) => total + value, 0),
    async until(isSo) {
      while (!(await isSo())) {
        if (hasEnded) throw new Error(`the watch ended: ${JSON.stringify(await started.ended)}`)
        await delay(20)
      }
    },
    end: (signal) => endOf(started, signal, hasEnded),
  }
  onTestFinished(async ({ task }) => {
    const ended = await watch.end('SIGTERM')
    // Shows why a failed test waited in vain.
    if (task.result?.state === 'fail') console.log(ended)
  })
  await watch.until(async () => (await watch.sum('hyperkit_runs_total')) > 0)
  return watch
}

async function endOf(started: Started, signal: 'SIGTERM' | 'SIGINT', hasEnded: boolean) {
  // `child.kill` cannot be used: Deno reports no exit code after it.
  if (!hasEnded) process.kill(started.child.pid ?? 0, signal)
  return started.ended
}
