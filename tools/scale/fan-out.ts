import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeImage, type RunningServer, startServer } from '@hyperkit/conformance'
import { median } from '../bench/judge.ts'
import { runMeasured } from '../bench/run-measured.ts'
import { warmMemory } from '../bench/warm-memory.ts'
import { formatRun, mebibyte, type ScaleResult } from './format-run.ts'
import { writeManifest } from './make-images.ts'
import { type MeasuredCommand, runCommand } from './run-command.ts'

const [daemons, size, limitRatio, limitMebibytes] = [8, 256, 0.5, 160]

/**
 * Sends one image of 256 MiB to 8 real LXD daemons, compared with running `lxc image import` for each in turn; all over unix sockets.
 * Eight `lxc` at the same time show the limit of this machine: on two cores, the daemons are the bottleneck.
 */
export async function fanOut(directory: string, rounds: number): Promise<ScaleResult> {
  const servers: RunningServer[] = []
  try {
    for (let number = 0; number < daemons; number++) servers.push(await startServer('lxd'))
    const image = await makeImage({ directory, name: 'big', size: size * mebibyte, compression: 'none' })
    const reach = new Map<string, string>()
    for (const [number, server] of servers.entries())
      reach.set(`lxd${number}`, `{ socket: ${server.socket} }`)
    const manifest = await writeManifest(directory, reach, [{ name: 'big', path: image.path }])
    const configuration = await writeConfiguration(directory, servers)
    const ours: MeasuredCommand[] = []
    const [theirs, theirsAtOnce]: [number[], number[]] = [[], []]
    const warm = (): Promise<void> => warmMemory(join(directory, 'warm'), 1.25 * daemons * size * mebibyte)
    for (let round = 0; round < rounds; round++) {
      await warm()
      theirs.push(await importOneByOne(configuration, image.path))
      await forget(configuration, image.fingerprint)
      await warm()
      theirsAtOnce.push(await importAtOnce(configuration, image.path))
      await forget(configuration, image.fingerprint)
      await warm()
      ours.push(await runCommand(directory, ['apply', '--yes', manifest]))
      await forget(configuration, image.fingerprint)
    }
    const ratio = median(ours.map(({ milliseconds }) => milliseconds)) / median(theirs)
    const most = Math.max(...ours.map(({ peakBytes }) => peakBytes)) / mebibyte
    const what = `${size} MiB to ${daemons} LXD daemons`
    return {
      text: [
        ...ours.map((run) => formatRun(what, run)),
        `${daemons} times lxc image import: ${inSeconds(theirs)}`,
        `${daemons} of them at the same time: ${inSeconds(theirsAtOnce)}, ${(median(theirsAtOnce) / median(theirs)).toFixed(2)} of that`,
      ].join('\n'),
      goals: [
        {
          text: `${what} / as many lxc image import <= ${limitRatio}`,
          measured: ratio.toFixed(2),
          holds: ratio <= limitRatio,
        },
        {
          text: `${what}: peak memory <= ${limitMebibytes} MiB`,
          measured: `${most.toFixed(0)} MiB`,
          holds: most <= limitMebibytes,
        },
      ],
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
}

/** Creates a configuration folder for `lxc` with a remote for each daemon. */
async function writeConfiguration(directory: string, servers: readonly RunningServer[]): Promise<string> {
  const folder = join(directory, 'lxc')
  await mkdir(folder, { recursive: true })
  const remotes = servers.map(({ socket }, number) => `  lxd${number}: { addr: "unix:${socket}" }`)
  await writeFile(join(folder, 'config.yml'), `default-remote: lxd0\nremotes:\n${remotes.join('\n')}\n`)
  return folder
}

async function importOneByOne(configuration: string, path: string): Promise<number> {
  const started = performance.now()
  for (let number = 0; number < daemons; number++) await importInto(number, configuration, path)
  return performance.now() - started
}

async function importAtOnce(configuration: string, path: string): Promise<number> {
  const started = performance.now()
  await Promise.all(Array.from({ length: daemons }, (_, number) => importInto(number, configuration, path)))
  return performance.now() - started
}

async function importInto(number: number, configuration: string, path: string): Promise<void> {
  await runMeasured('lxc', ['image', 'import', path, `lxd${number}:`], { LXD_CONF: configuration })
}

function inSeconds(times: readonly number[]): string {
  return times.map((time) => `${(time / 1000).toFixed(2)} s`).join(', ')
}

async function forget(configuration: string, fingerprint: string): Promise<void> {
  for (let number = 0; number < daemons; number++)
    await runMeasured('lxc', ['image', 'delete', `lxd${number}:${fingerprint}`], { LXD_CONF: configuration })
  await runMeasured('sync', [])
}
