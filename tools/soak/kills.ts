import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import {
  type RunningServer,
  ServerAbsentError,
  type ServerVersion,
  serverVersions,
  startServer,
} from '@hyperkit/conformance'
import { connect } from '@hyperkit/connect'
import { findRuntimes, type Runtime } from '../testing/runtimes.ts'
import { makeJobs } from './kills/make-jobs.ts'
import { openFront } from './kills/open-front.ts'
import { prepareStart } from './kills/start-command.ts'
import { listPoints, type Place, tryPoint } from './kills/try-points.ts'
import { type Soak, seedOption } from './soak.ts'

/** Kills commands that create images on real servers, with a source that changes afterwards. */
export const kills: Soak = {
  summary:
    'SIGKILL at every request of every command that creates an image, with and without the daemon, on each real server and runtime; one more run leaves no image without an owner and no token.',
  usage: '[--server lxd-5.0,incus-7.0] [--runtime node,bun,deno] [--minutes N] [--seed N]',
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        server: { type: 'string', default: serverVersions.join(',') },
        runtime: { type: 'string', default: 'node,bun,deno' },
        minutes: { type: 'string' },
        ...seedOption,
      },
    })
    const runtimes = findRuntimes(resolve(import.meta.dirname, '..', '..')).filter(({ name }) =>
      values.runtime.split(',').includes(name),
    )
    console.log(`seed ${values.seed}`)
    let failed = 0
    for (const version of values.server.split(',') as ServerVersion[]) {
      const server = await startServer(version).catch((error: unknown) => {
        if (!(error instanceof ServerAbsentError)) throw error
        console.log(`${version}: not tried: ${error.message}`)
        return undefined
      })
      if (server === undefined) continue
      try {
        for (const runtime of runtimes) {
          const minutes = values.minutes === undefined ? Number.POSITIVE_INFINITY : Number(values.minutes)
          failed += await killOn(server, runtime, minutes, Number(values.seed))
        }
      } finally {
        await server.stop()
      }
    }
    return failed === 0
  },
}

/** @returns how many points went wrong */
async function killOn(
  server: RunningServer,
  runtime: Runtime,
  minutes: number,
  seed: number,
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'hk-kills-'))
  const front = await openFront(server)
  const environment = {
    HOME: folder,
    XDG_CACHE_HOME: join(folder, 'cache'),
    INCUS_CONF: join(folder, 'incus'),
  }
  writeRemote(environment.INCUS_CONF, front)
  const files = { server: join(folder, 'server.crt'), client: join(folder, 'client.crt') }
  writeFileSync(files.server, front.serverCertificate)
  writeFileSync(files.client, front.clientCertificate.cert)
  writeFileSync(join(folder, 'client.key'), front.clientCertificate.key)
  const entry = `{ url: "${front.url}", serverCertificate: ${files.server}, clientCertificate: ${files.client} }`
  const { jobs, close } = await makeJobs(folder, entry, 'soak')
  const client = await connect({
    url: server.url,
    serverCertificate: server.serverCertificate,
    clientCertificate: server.clientCertificate,
  })
  try {
    const place: Place = {
      front,
      client,
      start: await prepareStart(runtime, folder, environment),
      restart: () => server.restart('SIGKILL'),
    }
    const points = shuffle(await listPoints(jobs, place), seed)
    const end = performance.now() + minutes * 60_000
    let [tried, left, failed] = [0, 0, 0]
    for (const point of points) {
      if (performance.now() > end) break
      const found = await tryPoint(point, place)
      tried++
      left += found.left
      if (found.wrong === undefined) continue
      failed++
      const also = point.withDaemon ? ' with the daemon' : ''
      console.log(`  ${point.job.name}, killed${also} at answer ${point.answer}: ${found.wrong}`)
    }
    const { token, intent, bare } = front.uploads
    console.log(
      `${server.version} ${runtime.name}: ${tried} of ${points.length} points; uploads with a token ${token}, beside an intent ${intent}, bare ${bare}; ${left} images without an owner after the kill, ${failed} points wrong after one more run`,
    )
    return failed
  } finally {
    client.close()
    await close()
    await front.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The client configuration of `hyperkit import`. */
function writeRemote(
  folder: string,
  { url, serverCertificate, clientCertificate }: Awaited<ReturnType<typeof openFront>>,
): void {
  for (const name of ['servercerts', 'clientcerts']) mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(
    join(folder, 'config.yml'),
    `default-remote: soak\nremotes:\n  soak: { addr: "${url}", auth_type: tls, protocol: incus, public: false }\n`,
  )
  writeFileSync(join(folder, 'servercerts', 'soak.crt'), serverCertificate)
  writeFileSync(join(folder, 'clientcerts', 'soak.crt'), clientCertificate.cert)
  writeFileSync(join(folder, 'clientcerts', 'soak.key'), clientCertificate.key)
}

/** The same order for the same seed. */
function shuffle<T>(list: readonly T[], seed: number): T[] {
  const shuffled = [...list]
  let state = seed
  for (let at = shuffled.length - 1; at > 0; at--) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    const other = state % (at + 1)
    const [a, b] = [shuffled[at], shuffled[other]]
    if (a !== undefined && b !== undefined) [shuffled[at], shuffled[other]] = [b, a]
  }
  return shuffled
}
