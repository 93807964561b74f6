import { type Client, createClient, createTokenSource, fetchTransport } from '@hyperkit/core'
import type { Fetcher } from './platform.ts'

/** The bindings of the worker; see README.md. workerd passes null for an environment variable that is not set. */
export interface Bindings {
  SERVER?: string | null
  TITLE?: string | null
  PROJECT?: string | null
  CERTIFICATE?: string | null
  KEY?: string | null
  TOKEN?: string | null
  MAX_AGE?: string | null
  OUTBOUND?: Fetcher
}

export interface Settings {
  client: Client
  title: string
  /** Seconds for which a listing is reused. */
  maxAge: number
}

/** The message is for the worker's operator, but visitors see it too, so it contains no value of a binding. */
export class SettingsError extends Error {}

const known = new WeakMap<Bindings, Settings>()

/** Created once, because the client remembers the kind of its server, and its token. */
export function readSettings(bindings: Bindings): Settings {
  const found = known.get(bindings)
  if (found !== undefined) return found
  const settings = {
    client: connect(bindings),
    title: bindings.TITLE || 'Image catalogue',
    maxAge: maxAgeOf(bindings),
  }
  known.set(bindings, settings)
  return settings
}

/** The client program that imports images of this server. */
export async function commandOf({ client }: Settings): Promise<'incus' | 'lxc'> {
  return (await client.server()).dialect.kind === 'lxd' ? 'lxc' : 'incus'
}

function connect({ SERVER, PROJECT, CERTIFICATE, KEY, TOKEN, OUTBOUND }: Bindings): Client {
  if (!SERVER)
    throw new SettingsError('The binding SERVER is missing: set it to the URL of an Incus or LXD server')
  if (!URL.canParse(SERVER))
    throw new SettingsError('The binding SERVER is not a URL such as https://HOST:8443')
  if (!CERTIFICATE !== !KEY)
    throw new SettingsError('The bindings CERTIFICATE and KEY must be set together: one of them is missing')
  if (TOKEN && KEY)
    throw new SettingsError(
      'The binding TOKEN cannot be combined with CERTIFICATE and KEY: set only one of the two',
    )
  const token =
    CERTIFICATE && KEY ? createTokenSource({ certificate: CERTIFICATE, key: KEY }) : TOKEN || undefined
  const transport = fetchTransport(SERVER, {
    redirect: 'manual',
    token,
    ...(OUTBOUND === undefined ? {} : { fetch: (input, init) => OUTBOUND.fetch(input, init) }),
  })
  return createClient({ transport, project: PROJECT || undefined, answerTimeout: 30_000 })
}

function maxAgeOf({ MAX_AGE }: Bindings): number {
  const seconds = Number(MAX_AGE || '60')
  if (!Number.isInteger(seconds) || seconds < 0)
    throw new SettingsError('The binding MAX_AGE is not a whole number of seconds')
  return seconds
}
