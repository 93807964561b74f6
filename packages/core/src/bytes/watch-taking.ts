import { passBytes } from './pass-bytes.ts'

/**
 * Watches whether a body that is sent makes progress: `onStill` is called when its reader has taken nothing for too long, also after the
 * last piece. While the source itself is slow, no time passes.
 *
 * @param milliseconds `false` for no limit
 * @param signal its abort ends the source
 */
export function watchTaking(
  body: ReadableStream<Uint8Array>,
  milliseconds: number | false,
  onStill: () => void,
  signal: AbortSignal,
): { body: ReadableStream<Uint8Array>; stop(): void } {
  if (milliseconds === false) return { body, stop: () => undefined }
  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = (): void => clearTimeout(timer)
  const begin = (): void => {
    stop()
    timer = setTimeout(onStill, milliseconds)
  }
  begin()
  const watched = passBytes(body, { asked: stop, take: begin, end: begin, cancelled: stop, signal })
  return { body: watched, stop }
}
