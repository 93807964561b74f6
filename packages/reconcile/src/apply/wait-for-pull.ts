import {
  type Client,
  HyperkitError,
  type Image,
  type Operation,
  type OperationHandle,
  type Progress,
  supports,
} from '@hyperkit/core'
import { pause } from '@hyperkit/core/parts'

export interface WaitForPullOptions {
  signal: AbortSignal
  /** `Cannot ${what}: …` */
  what: string
  /** Name of the image's source. */
  source: string
  onProgress?: ((progress: Progress) => void) | undefined
  /** Called while no data has come yet. */
  onWaiting?: ((message: string) => void) | undefined
  /** @default half a minute, five minutes, half an hour */
  patience?: PullPatience | undefined
}

/** Milliseconds. */
export interface PullPatience {
  /** Between two reports to `onWaiting`, until data comes. */
  report: number
  /** Before the source has been asked for the image itself. */
  first: number
  /** After that, until the first progress and between reports of it: servers report each percent, which takes long for a large image. */
  next: number
}

const usual: PullPatience = { report: 30_000, first: 300_000, next: 1_800_000 }

/**
 * Waits until a server has downloaded an image. A source that accepts the connection and never answers blocks a server for an
 * hour (Go's `ResponseHeaderTimeout` in LXD and Incus), and the server cannot cancel the operation (T28). So waiting is
 * reported, ends after a while, and the error says which operation continues on the server.
 *
 * @throws {HyperkitError} `timeout`, with the source as its server; `interrupted` if an abort could not end the operation
 */
export async function waitForPull(
  client: Client,
  begun: OperationHandle<Image>,
  options: WaitForPullOptions,
): Promise<Image> {
  const { signal, source, what, onProgress, patience = usual } = options
  const reports = reportWaiting(client, options, patience.report)
  const silence = limitSilence(patience, () => isAskedFor(client, begun.id))
  const moved = (progress: Progress): void => {
    clearInterval(reports)
    silence.end()
    onProgress?.(progress)
  }
  try {
    return await begun.wait({ signal: AbortSignal.any([signal, silence.signal]), onProgress: moved })
  } catch (error) {
    if (!signal.aborted && !silence.signal.aborted) throw error
    const goesOn = await isBeyondReach(client, begun.id)
    const left = `"${client.name}" cannot cancel it: operation ${begun.id} continues there until ${source} answers, for up to an hour`
    if (signal.aborted)
      throw goesOn
        ? new HyperkitError('interrupted', `the run was interrupted in the middle of it, and ${left}`)
        : error
    const then = goesOn
      ? `${left}; apply again after that`
      : `it was cancelled; apply again when ${source} answers`
    // The error names the source, so that this server continues with its other images.
    throw new HyperkitError(
      'timeout',
      `Cannot ${what}: no data came from ${source} for ${silence.limit() / 1000} seconds; ${then}`,
      {
        server: source,
      },
    )
  } finally {
    clearInterval(reports)
    silence.stop()
  }
}

/** Time without data. */
interface Silence {
  /** Aborted when the silence has lasted too long. */
  signal: AbortSignal
  /** Milliseconds that the silence may last now. */
  limit(): number
  /** Data came, so the next silence begins. */
  end(): void
  stop(): void
}

function limitSilence({ first, next }: PullPatience, isAskedFor: () => Promise<boolean>): Silence {
  const controller = new AbortController()
  let limit = first
  let timer: ReturnType<typeof setTimeout>
  // Only the newest timer counts: data may come while its callback waits for `isAskedFor`.
  let round = 0
  const begin = (milliseconds: number): void => {
    const mine = ++round
    clearTimeout(timer)
    timer = setTimeout(async () => {
      const goesOn = limit < next && (await isAskedFor())
      if (mine !== round) return
      if (!goesOn) return controller.abort()
      begin(next - limit)
      limit = next
    }, milliseconds)
  }
  begin(first)
  return {
    signal: controller.signal,
    limit: () => limit,
    end() {
      limit = next
      begin(next)
    },
    stop() {
      round++
      clearTimeout(timer)
    },
  }
}

function reportWaiting(
  { name }: Client,
  { source, onWaiting }: WaitForPullOptions,
  interval: number,
): ReturnType<typeof setInterval> {
  let seconds = 0
  return setInterval(() => {
    seconds += interval / 1000
    onWaiting?.(`no data has come from ${source} for ${seconds} seconds; "${name}" is still waiting`)
  }, interval)
}

/**
 * Whether the source has been asked for the image itself: from then on most servers can cancel the operation. LXD 6.8 and newer
 * say that they can cancel every operation (T55), so there it is unknown until the first progress.
 */
async function isAskedFor(client: Client, id: string | undefined): Promise<boolean> {
  const operation = await readSoon(client, id)
  if (!operation?.mayCancel) return false
  const server = await client.server().catch(() => undefined)
  const extension = server?.dialect.operationsFromDatabase
  return server !== undefined && (extension === undefined || supports(server, extension) === false)
}

/** Milliseconds within which a cancelled operation ends, unless something blocks it, and between two reads of it. */
const cancelled = { within: 1_000, interval: 100 }

/** Whether an operation still runs after an attempt to cancel it: LXD 6 stays in `cancelling` as long as the source hangs (T54). */
async function isBeyondReach(client: Client, id: string | undefined): Promise<boolean> {
  const until = performance.now() + cancelled.within
  for (;;) {
    const operation = await readSoon(client, id)
    if (operation === undefined || ended.includes(operation.state)) return false
    if (operation.state !== 'cancelling' && !operation.mayCancel) return true
    if (performance.now() >= until) return true
    await pause(cancelled.interval)
  }
}

const ended: readonly string[] = ['success', 'failure', 'cancelled']

async function readSoon(client: Client, id: string | undefined): Promise<Operation | undefined> {
  if (id === undefined) return undefined
  return client.operations.get(id, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined)
}
