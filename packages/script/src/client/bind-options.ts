import type { Client } from '@hyperkit/core'
import type { Aliases, Certificates, Images, Operations } from '@hyperkit/core/parts'

/** The position of the options among the arguments of each method. */
type Places<Verbs> = Readonly<Record<keyof Verbs, number>>

const images: Places<Images> = {
  list: 0,
  fingerprints: 0,
  used: 0,
  get: 1,
  find: 1,
  getByAlias: 1,
  hasContent: 1,
  upload: 1,
  createFromRemote: 1,
  createFromUrl: 1,
  createFromInstance: 1,
  createFromSnapshot: 2,
  inheritedExpiry: 1,
  update: 2,
  patch: 2,
  delete: 1,
  createSecret: 1,
  refresh: 1,
  export: 1,
}
const aliases: Places<Aliases> = {
  list: 0,
  get: 1,
  find: 1,
  create: 2,
  update: 2,
  rename: 2,
  set: 2,
  delete: 1,
}
const operations: Places<Operations> = { list: 0, get: 1, wait: 1, cancel: 1 }
const certificates: Places<Certificates> = {
  list: 0,
  create: 1,
  createToken: 1,
  createIdentityToken: 1,
  createBearerToken: 1,
  delete: 1,
}
const own = { server: 0, view: 0, events: 0, request: 0 } as const

/** The verbs that can give a warning: something went wrong although the image is there. */
const creating = {
  upload: 1,
  createFromRemote: 1,
  createFromUrl: 1,
  createFromInstance: 1,
  createFromSnapshot: 2,
} as const satisfies Partial<Places<Images>>

/** The verbs that only read, so that their answers should come soon. */
const reading = {
  images: ['list', 'fingerprints', 'used', 'get', 'find', 'getByAlias', 'hasContent'],
  aliases: ['list', 'get', 'find'],
  operations: ['list', 'get'],
  certificates: ['list'],
  own: ['server', 'view'],
} as const

/** Options for all calls of a client that do not set their own. */
export interface BoundOptions {
  signal: AbortSignal
  onWarning: (message: string) => void
  /** Waits for the answer to a call that only reads. @default without a word */
  during?: (<Answer>(server: string, answer: Promise<Answer>) => Promise<Answer>) | undefined
}

/**
 * Adds the signal to every call of a client that sets none, so that an abort also reaches calls for which a script forgot it, and
 * the handler of warnings to every creation. It changes the client in place, because clients are compared by identity.
 */
export function bindOptions<Auto extends boolean>(
  client: Client<Auto>,
  { signal, onWarning, during }: BoundOptions,
): Client<Auto> {
  bind(client.images, images, { signal })
  bind(client.images, creating, { onWarning })
  bind(client.aliases, aliases, { signal })
  bind(client.operations, operations, { signal })
  bind(client.certificates, certificates, { signal })
  bind(client, own, { signal })
  if (during !== undefined) {
    const wait: Wait = (answer) => during(client.name, answer)
    follow(client.images, reading.images, wait)
    follow(client.aliases, reading.aliases, wait)
    follow(client.operations, reading.operations, wait)
    follow(client.certificates, reading.certificates, wait)
    follow(client, reading.own, wait)
  }
  const project = client.project
  client.project = (name) => bindOptions(project(name), { signal, onWarning, during })
  return client
}

type Verb = (...args: unknown[]) => unknown
type Wait = (answer: Promise<unknown>) => Promise<unknown>

function follow(verbs: object, names: readonly string[], wait: Wait): void {
  for (const name of names) {
    const verb = (verbs as Record<string, Verb>)[name]
    if (verb !== undefined)
      (verbs as Record<string, Verb>)[name] = (...args) => wait(Promise.resolve(verb(...args)))
  }
}

function bind(
  verbs: object,
  places: Readonly<Record<string, number>>,
  defaults: Partial<BoundOptions>,
): void {
  for (const [name, place] of Object.entries(places)) {
    const verb = (verbs as Record<string, Verb>)[name]
    if (verb === undefined) continue
    ;(verbs as Record<string, Verb>)[name] = (...args) => {
      const given = Object.entries(args[place] ?? {}).filter(([, value]) => value !== undefined)
      const all = [...args]
      all[place] = { ...defaults, ...Object.fromEntries(given) }
      return verb(...all)
    }
  }
}
