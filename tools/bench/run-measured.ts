import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'

export interface Measured {
  /** From start to exit of the process. */
  milliseconds: number
  /** The kernel's VmHWM: the peak memory of the process. */
  peakBytes: number
  stdout: string
}

// The number is lost when the process ends, so it is read while the process runs; it only grows.
const samplePause = 20

/** Runs one program to its end; a failure is an error with the program's output. */
export async function runMeasured(
  command: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Measured> {
  const started = performance.now()
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  let peakBytes = 0
  const sample = setInterval(async () => {
    peakBytes = Math.max(peakBytes, await readPeak(child.pid ?? 0))
  }, samplePause)
  const [out, err]: [string[], string[]] = [[], []]
  child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text))
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    const milliseconds = performance.now() - started
    if (code !== 0) throw new Error(`${command} ended with ${code}: ${err.join('').slice(-2000)}`)
    return { milliseconds, peakBytes, stdout: out.join('') }
  } finally {
    clearInterval(sample)
  }
}

/** @returns bytes; 0 if there is no such process or no such number */
export async function readPeak(pid: number | 'self'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
}
