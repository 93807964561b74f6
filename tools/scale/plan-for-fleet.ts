import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createSelfSignedCertificate } from '@hyperkit/connect'
import { median } from '../bench/judge.ts'
import { formatRun, mebibyte, type ScaleResult } from './format-run.ts'
import { makeImages, writeManifest } from './make-images.ts'
import { runCommand } from './run-command.ts'
import { saveReach } from './save-reach.ts'
import type { FleetMember, FleetWork } from './serve-fleet.ts'

const [servers, processes, limitSeconds, limitMebibytes] = [100, 4, 15, 300]

/** Measures a plan without changes for 100 servers with 100 images each. */
export async function planForFleet(directory: string, rounds: number): Promise<ScaleResult> {
  const images = await makeImages(directory, 'fleet', 100)
  const { certificate, key } = await createSelfSignedCertificate({ commonName: 'scale' })
  const fleet = await Promise.all(
    Array.from({ length: processes }, () =>
      startServers({ servers: servers / processes, images, certificate }),
    ),
  )
  try {
    const members = fleet.flatMap(({ members }) => members)
    const reach = new Map<string, string>()
    for (const [number, member] of members.entries()) {
      const clientCertificate = { cert: certificate, key }
      const name = `server${number}`
      reach.set(name, await saveReach(directory, name, { ...member, clientCertificate }))
    }
    const manifest = await writeManifest(directory, reach, images)
    const runs = []
    for (let round = 0; round < rounds; round++)
      runs.push(await runCommand(directory, ['plan', '--detailed-exitcode', manifest]))
    const seconds = median(runs.map(({ milliseconds }) => milliseconds)) / 1000
    const most = Math.max(...runs.map(({ peakBytes }) => peakBytes)) / mebibyte
    const what = `${servers} servers x ${images.length} images in sync`
    return {
      text: runs.map((run) => formatRun(what, run)).join('\n'),
      goals: [
        {
          text: `${what} <= ${limitSeconds} s`,
          measured: `${seconds.toFixed(2)} s`,
          holds: seconds <= limitSeconds,
        },
        {
          text: `${what}: peak memory <= ${limitMebibytes} MiB`,
          measured: `${most.toFixed(0)} MiB`,
          holds: most <= limitMebibytes,
        },
      ],
    }
  } finally {
    await Promise.all(fleet.map(({ stop }) => stop()))
  }
}

async function startServers(work: FleetWork): Promise<{ members: FleetMember[]; stop(): Promise<unknown> }> {
  const program = join(import.meta.dirname, 'serve-fleet.ts')
  const child: ChildProcess = spawn(
    process.execPath,
    ['--conditions=@hyperkit/source', program, JSON.stringify(work)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const ended = once(child, 'exit')
  if (child.stdout === null) throw new Error('the child process has no output stream')
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    ended.then(([code]) => Promise.reject(new Error(`the servers ended with ${code}`))),
  ])) as [string]
  return {
    members: JSON.parse(line) as FleetMember[],
    stop() {
      child.stdin?.end()
      return ended
    },
  }
}
