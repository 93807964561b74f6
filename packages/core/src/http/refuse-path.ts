import { ArgumentError } from '../errors/errors.ts'
import type { Call } from './call.ts'

/**
 * Refuses the paths that reach something else than they name.
 *
 * URL parsers collapse `.` and `..`, even encoded, before anything is sent. LXD 6.9 and Incus 7.0 redirect `//`, so that a client that
 * follows redirects repeats a deletion on another path (T42). Incus 7.0.1 and newer take every path below an image for the image, with
 * every method (T32). No verb of this package makes such paths, and `client.request()` must not either.
 *
 * @throws {ArgumentError}
 */
export function refusePath({ method, path: whole, action }: Call): void {
  const [path = ''] = whole.split(/[?#]/)
  const refuse = (why: string): ArgumentError => new ArgumentError('path', `Cannot ${action}: ${why}`)
  const segments = path === '/' ? [] : path.split('/').slice(1)
  if (segments.some((segment) => /^(?:\.|%2e){0,2}$/i.test(segment)))
    throw refuse(
      `its path ${JSON.stringify(path)} has a segment that is empty, "." or "..", so it would reach another path`,
    )
  const [, below] = belowImage.exec(path) ?? []
  if (method !== 'GET' && below !== undefined && !['export', 'secret', 'refresh'].includes(below))
    throw refuse(
      `servers have nothing at ${JSON.stringify(path)}, and Incus 7.0 would take it for the image itself`,
    )
}

const belowImage = /^\/1\.0\/images\/(?!aliases\/)[^/]+\/(.*)$/
