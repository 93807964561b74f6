import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Measured, runMeasured } from '../bench/run-measured.ts'

export interface MeasuredCommand extends Measured {
  requests: number
}

const root = resolve(import.meta.dirname, '..', '..')

/** Runs `hyperkit-reconcile` on Bun in its own process. */
export async function runCommand(directory: string, args: readonly string[]): Promise<MeasuredCommand> {
  const counted = join(directory, 'requests')
  const run = await runMeasured(
    process.execPath,
    [
      '--conditions=@hyperkit/source',
      `--preload=${join(import.meta.dirname, 'count-requests.ts')}`,
      join(root, 'apps', 'reconciler', 'src', 'main.ts'),
      ...args,
    ],
    { HYPERKIT_COUNT_FILE: counted },
  )
  return { ...run, requests: Number(await readFile(counted, 'utf8')) }
}
