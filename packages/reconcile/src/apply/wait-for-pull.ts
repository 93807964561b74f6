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
  /** Where the image comes from. */
  source: string
  onProgress?: ((progress: Progress) => void) | undefined
  /** Told while nothing has come yet. */
  onWaiting?: ((message: string) => void) | undefined
  /** @default half a minute, five minutes, half an hour */
  patience?: PullPatience | undefined
}

/** Milliseconds. */
export interface PullPatience {
  /** From one word to the next, until something has come. */
  word: number
  /** Until the source has been asked for the image itself. */
  first: number
  /** From then to the first progress, and from one to the next. Servers tell every hundredth, which of a large image may be long in coming. */
  next: number
}

const usual: PullPatience = { word: 30_000, first: 300_000, next: 1_800_000 }

/**
 * Waits until a server has downloaded an image. A source that takes the connection and then says nothing holds a server for
 * an hour (Go's `ResponseHeaderTimeout` in LXD and Incus), which then cannot cancel it either (T28): so it is told, given up, and
 * said what goes on there.
 *
 * @throws {HyperkitError} `timeout`, of the source; `interrupted` where an abort could not end the server's work
 */
export async function waitForPull(
  client: Client,
  begun: OperationHandle<Image>,
  options: WaitForPullOptions,
): Promise<Image> {
  const { signal, source, what, onProgress, patience = usual } = options
  const words = tellWaiting(client, options, patience.word)
  const silence = limitSilence(patience, () => isAskedFor(client, begun.id))
  const moved = (progress: Progress): void => {
    clearInterval(words)
    silence.end()
    onProgress?.(progress)
  }
  try {
    return await begun.wait({ signal: AbortSignal.any([signal, silence.signal]), onProgress: moved })
  } catch (error) {
    if (!signal.aborted && !silence.signal.aborted) throw error
    const goesOn = await isBeyondReach(client, begun.id)
    const left = `"${client.name}" cannot cancel it: operation ${begun.id} goes on there until ${source} answers, or for an hour`
    if (signal.aborted)
      throw goesOn ? new HyperkitError('interrupted', `it was under way, and ${left}`) : error
    const then = goesOn
      ? `${left}; apply again after that`
      : 'it was cancelled; apply again when that answers'
    // Of the source: this server goes on with its other images.
    throw new HyperkitError(
      'timeout',
      `Cannot ${what}: nothing came from ${source} for ${silence.limit() / 1000} seconds; ${then}`,
      {
        server: source,
      },
    )
  } finally {
    clearInterval(words)
    silence.stop()
  }
}

interface Silence {
  /** Aborted when it has lasted too long. */
  signal: AbortSignal
  /** Milliseconds that it may last now. */
  limit(): number
  /** Something came; the next one begins. */
  end(): void
  stop(): void
}

function limitSilence({ first, next }: PullPatience, isAskedFor: () => Promise<boolean>): Silence {
  const controller = new AbortController()
  let limit = first
  let timer: ReturnType<typeof setTimeout>
  // Of several, the newest counts: what is asked for takes time, in which something may come.
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

function tellWaiting(
  { name }: Client,
  { source, onWaiting }: WaitForPullOptions,
  interval: number,
): ReturnType<typeof setInterval> {
  let seconds = 0
  return setInterval(() => {
    seconds += interval / 1000
    onWaiting?.(`nothing has come from ${source} for ${seconds} seconds; "${name}" goes on waiting for it`)
  }, interval)
}

/**
 * Whether the source has been asked for the image itself: from then on most servers can cancel. LXD 6.8 and newer say of everything that they can
 * (T55), so there it is not known, and the first progress is all that tells.
 */
async function isAskedFor(client: Client, id: string | undefined): Promise<boolean> {
  const operation = await readSoon(client, id)
  if (!operation?.mayCancel) return false
  const server = await client.server().catch(() => undefined)
  const extension = server?.dialect.operationsFromDatabase
  return server !== undefined && (extension === undefined || supports(server, extension) === false)
}

/** Milliseconds in which what was cancelled ends, unless something holds it. */
const cancelled = { within: 1_000, look: 100 }

/** Whether it still runs, after it was tried to cancel it: LXD 6 goes on cancelling for as long as the source hangs (T54). */
async function isBeyondReach(client: Client, id: string | undefined): Promise<boolean> {
  const until = performance.now() + cancelled.within
  for (;;) {
    const operation = await readSoon(client, id)
    if (operation === undefined || ended.includes(operation.state)) return false
    if (operation.state !== 'cancelling' && !operation.mayCancel) return true
    if (performance.now() >= until) return true
    await pause(cancelled.look)
  }
}

const ended: readonly string[] = ['success', 'failure', 'cancelled']

async function readSoon(client: Client, id: string | undefined): Promise<Operation | undefined> {
  if (id === undefined) return undefined
  return client.operations.get(id, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined)
}
