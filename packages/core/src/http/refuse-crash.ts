import { ArgumentError } from '../errors/errors.ts'
import type { Call } from './call.ts'

/**
 * Refuses the calls that crash a server's handler, or the whole daemon with all its clients: tested on LXD 5.0.2 and Incus 6.0.4, and
 * read in the sources of LXD 6.9 and Incus 7.3. No verb of this package makes them, and `client.request()` must not either.
 *
 * @throws {ArgumentError}
 */
export function refuseCrash(call: Call): void {
  const [path = ''] = call.path.split('?')
  const danger = dangers.find(({ method, at, when }) => method === call.method && at.test(path) && when(call))
  if (danger) throw new ArgumentError(danger.argument, `Cannot ${call.action}: ${danger.why}`)
}

interface Danger {
  method: Call['method']
  at: RegExp
  argument: string
  why: string
  when(call: Call): boolean
}

const images = /^\/1\.0\/images\/?$/
const oneImage = /^\/1\.0\/images\/[^/]+$/

const dangers: readonly Danger[] = [
  {
    method: 'POST',
    at: images,
    argument: 'source',
    why: 'it would crash the request handler of the server, because "source" is missing',
    when: ({ json }) => json !== undefined && field(json, 'source') === undefined,
  },
  {
    method: 'POST',
    at: images,
    argument: 'source',
    why: 'it would crash an Incus daemon, because the source has no "server"',
    when: ({ json }) => {
      const source = field(json, 'source')
      return field(source, 'type') === 'image' && field(source, 'mode') !== 'push' && !field(source, 'server')
    },
  },
  {
    method: 'POST',
    at: images,
    argument: 'headers',
    why: 'its properties header would crash the daemon if the archive has no properties; set properties after the upload',
    when: ({ headers }) =>
      Object.keys(headers ?? {}).some((name) => /^x-(lxd|incus)-properties$/i.test(name)),
  },
  {
    method: 'PATCH',
    at: oneImage,
    argument: 'properties',
    why: 'it would crash the request handler of the server, because "properties" is null',
    when: ({ json }) => json !== null && typeof json === 'object' && entry(json, 'properties')?.[1] === null,
  },
  {
    method: 'GET',
    at: images,
    argument: 'filter',
    why: 'it would crash the request handler of the server, because it filters on "aliases" or "update_source"',
    when: ({ path, query }) => /\b(aliases|update_source)\./i.test(query?.filter ?? path),
  },
]

/** Servers ignore the case of keys. */
function entry(value: object, name: string): [string, unknown] | undefined {
  return Object.entries(value).find(([key]) => key.toLowerCase() === name)
}

function field(value: unknown, name: string): unknown {
  if (value === null || typeof value !== 'object') return undefined
  return entry(value, name)?.[1] ?? undefined
}
