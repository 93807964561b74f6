import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { aliasesPath, isPathOfAlias } from './alias-path.ts'
import type { Call } from './call.ts'

/** What a request does, as far as it matters when its answer is lost. */
export type RequestKind =
  | 'read'
  | 'wait'
  | 'events'
  | 'conditional-change'
  | 'change'
  | 'alias-creation'
  | 'rename'
  | 'creation'
  | 'upload'
  | 'token'
  | 'deletion'
  | 'other'

/** What follows when it is not known whether a server has carried a request out. */
export type Consequence =
  /** It is sent again: it changes nothing, or doing it twice is the same as doing it once. */
  | 'send-again'
  /**
   * The thing is read and compared. If it is in the wanted state, the request was carried out. If nothing has changed, it is sent again.
   * Otherwise somebody else has changed it.
   */
  | 'compare'
  /** The thing is looked for. If it is gone, the request was carried out; otherwise it is sent again. */
  | 'look-whether-gone'
  /**
   * The image is looked for, by its fingerprint or the mark of its creation. If it is there with its content, the request was carried out;
   * otherwise the work begins again, an upload with the first byte of the file.
   */
  | 'look-for-image'
  /** The connection is opened again. What happened in between is not known, so whoever listens has to look. */
  | 'open-again'
  /** The error is reported: nothing shows whether the request was carried out. */
  | 'report'

/**
 * The consequences of a lost answer, for a server with several addresses: the next request goes to another of its members. With one address
 * the error is reported, except for operations, whose effect is looked for after a restart too.
 */
export const lostAnswers = {
  read: 'send-again',
  // operations/wait-operation.ts; an operation that is lost with its member is judged by its effect: look-for-image, look-whether-gone.
  wait: 'send-again',
  // events/listen-events.ts
  events: 'open-again',
  'conditional-change': 'compare',
  change: 'compare',
  'alias-creation': 'compare',
  rename: 'compare',
  // images/create-image.ts
  creation: 'look-for-image',
  // images/upload-image.ts
  upload: 'look-for-image',
  // A token that nobody knows is ended by a later upload, or with its member.
  token: 'send-again',
  deletion: 'look-whether-gone',
  other: 'report',
} as const satisfies Record<RequestKind, Consequence>

/** A kind whose thing is compared. */
export type ComparedKind = {
  [Kind in RequestKind]: (typeof lostAnswers)[Kind] extends 'compare' ? Kind : never
}[RequestKind]

export function isCompared(kind: RequestKind): kind is ComparedKind {
  return lostAnswers[kind] === 'compare'
}

/** @returns the kind of a request, by its method and path */
export function kindOf({ method, path, body, json, ifMatch }: Call): RequestKind {
  if (method === 'GET') return readKindOf(path)
  if (method === 'DELETE') return 'deletion'
  // Others, such as the start of an instance, are no states that can be compared.
  if (method !== 'POST' && !path.startsWith('/1.0/images/')) return 'other'
  if (method !== 'POST') return ifMatch === undefined ? 'change' : 'conditional-change'
  if (path === '/1.0/images') return body !== undefined ? 'upload' : isPushToken(json) ? 'token' : 'creation'
  if (path === aliasesPath) return 'alias-creation'
  if (isPathOfAlias(path)) return 'rename'
  return /^\/1\.0\/images\/[^/]+\/secret$/.test(path) ? 'token' : 'other'
}

function readKindOf(path: string): RequestKind {
  if (path === '/1.0/events') return 'events'
  return /^\/1\.0\/operations\/[^/]+\/wait$/.test(path) ? 'wait' : 'read'
}

function isPushToken(json: unknown): boolean {
  const { source } = (json ?? {}) as { source?: { mode?: unknown } }
  return source?.mode === 'push'
}

/** Whether a request was sent, or a part of it, and its answer did not come or not whole. */
export function isLost(error: unknown): boolean {
  return lost.some((code) => isHyperkitError(error, code))
}

const lost = ['closed-without-answer', 'interrupted', 'timeout'] as const
