import { join } from 'node:path'
import { findNodes } from '../testing/nodes.ts'
import { findRuntimes } from '../testing/runtimes.ts'
import { runMeasured } from './run-measured.ts'
import type { Work, WorkReport } from './work.ts'

export interface Contender {
  name: string
  /** Undefined if this contender has no way to do that work. */
  run(work: Work): Promise<Run | undefined>
}

export interface Run {
  milliseconds: number
  peakBytes: number
  /** Bytes of request bodies; undefined if they are not counted. */
  sentBytes?: number | undefined
  /** Milliseconds without the start of the process; undefined if they are not measured. */
  ownMilliseconds?: number | undefined
  /** Milliseconds of processor time; undefined if they are not measured. */
  cpuMilliseconds?: number | undefined
}

/** Hyperkit on each runtime, from one bundle, because Node 20 cannot run TypeScript; with `allNodes`, on each installed Node too. */
export async function findOurs(root: string, directory: string, allNodes: boolean): Promise<Contender[]> {
  const bundle = join(directory, 'measured-work.mjs')
  const source = join(root, 'tools', 'bench', 'measured-work.ts')
  const build = ['build', '--conditions=@hyperkit/source', '--target=node', '--format=esm']
  await runMeasured(process.execPath, [...build, `--outfile=${bundle}`, source])
  const runtimes = [...findRuntimes(root), ...(allNodes ? findNodes() : [])]
  return runtimes.map(({ name, command, before }) => ({
    name,
    async run(work) {
      const args = [...before.filter((flag) => flag !== '--bun'), bundle, JSON.stringify(work)]
      const { milliseconds, stdout } = await runMeasured(command, args)
      return { milliseconds, ...(JSON.parse(stdout.trim().split('\n').pop() ?? '') as WorkReport) }
    },
  }))
}
