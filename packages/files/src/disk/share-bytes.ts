import { Buffer } from 'node:buffer'
import { type FileHandle, open } from 'node:fs/promises'
import { fileUnreadable, readFailure } from './disk-failure.ts'
import { type InspectedFile, stateOf } from './inspect-file.ts'
import { openBytes } from './open-bytes.ts'

/** One file for several uploads at the same time. */
export interface SharedBytes {
  /** Opens the file's bytes from the beginning, like {@link openBytes}. */
  open(): ReadableStream<Uint8Array>
}

export interface ShareBytesOptions {
  action: string
  /** The number of readers to expect. */
  readers: number
  /** Milliseconds for which the first readers wait for the others. @default 250 */
  gathering?: number
  /** Milliseconds for which readers that want the next piece wait for slower ones. @default 2000 */
  patience?: number
  /** @default openBytes */
  read?: typeof openBytes
}

/**
 * Reads a file once for all readers that open it at about the same time. Each piece is given to all of them, and the next one is
 * read when all have taken it, so that only one piece is in memory even if a reader is slow. A reader that falls behind or starts late
 * reads the file by itself, and one that is cancelled does not delay the others.
 */
export function shareBytes(file: InspectedFile, options: ShareBytesOptions): SharedBytes {
  const { gathering = 250 } = options
  let toCome = options.readers
  let round: Round | undefined
  const begin = (): void => {
    if (round === undefined) return
    toCome -= round.size()
    round.begin()
    round = undefined
  }
  return {
    open() {
      if (round === undefined) {
        round = createRound(file, options)
        const timer = setTimeout(begin, gathering)
        round.begun.then(() => clearTimeout(timer))
      }
      const stream = round.join()
      if (round.size() >= toCome) begin()
      return stream
    },
  }
}

interface Round {
  begun: Promise<void>
  size(): number
  join(): ReadableStream<Uint8Array>
  begin(): void
}

type Controller = ReadableStreamDefaultController<Uint8Array>

/** One of the readers that read together. */
interface Branch {
  controller: Controller
  /** Set while the reader waits for the next piece. */
  taken: (() => void) | undefined
  /** Set when the reader has fallen behind. */
  own: OwnReader | undefined
}

function createRound(file: InspectedFile, options: ShareBytesOptions): Round {
  const branches = new Set<Branch>()
  let wake: () => void = () => {}
  let markBegun: () => void = () => {}
  const begun = new Promise<void>((resolve) => {
    markBegun = resolve
  })
  const untilChanged = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve
    })
  return {
    begun,
    size: () => branches.size,
    join() {
      let branch: Branch
      return new ReadableStream<Uint8Array>(
        {
          start(controller) {
            branch = { controller, taken: undefined, own: undefined }
            branches.add(branch)
          },
          async pull(controller) {
            if (branch.own !== undefined) return branch.own.pull(controller)
            await new Promise<void>((resolve) => {
              branch.taken = resolve
              wake()
            })
          },
          async cancel() {
            branches.delete(branch)
            branch.taken?.()
            wake()
            await branch.own?.close()
          },
        },
        { highWaterMark: 0 },
      )
    },
    begin() {
      markBegun()
      void readForAll(file, branches, untilChanged, options)
    },
  }
}

async function readForAll(
  file: InspectedFile,
  branches: Set<Branch>,
  untilChanged: () => Promise<void>,
  { action, patience = 2000, read = openBytes }: ShareBytesOptions,
): Promise<void> {
  let position = 0
  try {
    const reader = (await read(file, action)).getReader()
    for (;;) {
      for (const branch of await gather(branches, untilChanged, patience)) {
        branches.delete(branch)
        branch.own = readFrom(file, position, action)
      }
      if (branches.size === 0) return await reader.cancel()
      const { done, value } = await reader.read()
      position += value?.byteLength ?? 0
      for (const branch of [...branches]) {
        if (done) branch.controller.close()
        else branch.controller.enqueue(value)
        release(branch)
      }
      if (done) return
    }
  } catch (error) {
    for (const branch of branches) {
      branch.controller.error(error)
      release(branch)
    }
  }
}

function release(branch: Branch): void {
  const { taken } = branch
  branch.taken = undefined
  taken?.()
}

/** Waits until all readers want the next piece. @returns those that did not want it for too long after another one did */
async function gather(
  branches: ReadonlySet<Branch>,
  untilChanged: () => Promise<void>,
  patience: number,
): Promise<Branch[]> {
  let late: number | undefined
  for (;;) {
    const behind = [...branches].filter(({ taken }) => taken === undefined)
    if (behind.length === 0) return []
    const isAwaited = behind.length < branches.size
    if (!isAwaited) late = undefined
    else late ??= performance.now() + patience
    const left = late === undefined ? undefined : late - performance.now()
    if (left !== undefined && left <= 0) return behind
    await within(untilChanged(), left)
  }
}

async function within(change: Promise<void>, milliseconds: number | undefined): Promise<void> {
  if (milliseconds === undefined) return change
  let timer: ReturnType<typeof setTimeout> | undefined
  const end = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  await Promise.race([change, end])
  clearTimeout(timer)
}

interface OwnReader {
  pull(controller: Controller): Promise<void>
  close(): Promise<void>
}

const pieceSize = 1024 * 1024

/** Reads the rest of a file, with the same checks. */
function readFrom(file: InspectedFile, from: number, action: string): OwnReader {
  let position = from
  let opened: Promise<FileHandle> | undefined
  const close = async (): Promise<void> => {
    await opened?.then((handle) => handle.close()).catch(() => undefined)
    opened = undefined
  }
  const check = async (handle: FileHandle): Promise<void> => {
    if (stateOf(await handle.stat({ bigint: true })) === file.state) return
    throw fileUnreadable(
      file.path,
      action,
      'it was changed in the meantime; try again when no program writes to it',
    )
  }
  return {
    close,
    async pull(controller) {
      try {
        opened ??= open(file.path, 'r')
        const handle = await opened
        const bytes = Buffer.allocUnsafeSlow(pieceSize)
        const { bytesRead } = await handle.read(bytes, 0, pieceSize, position)
        position += bytesRead
        if (bytesRead === 0 || position >= file.size) await check(handle)
        if (bytesRead > 0) controller.enqueue(bytes.subarray(0, bytesRead))
        if (bytesRead > 0 && position < file.size) return
        await close()
        controller.close()
      } catch (error) {
        await close()
        controller.error(readFailure(file.path, action, error))
      }
    },
  }
}
