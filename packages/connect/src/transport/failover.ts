import { isHyperkitError, type Transport } from '@hyperkit/core'
import { readToken, type TransportInit } from '@hyperkit/core/parts'
import { type AddressBook, createAddressBook, type FailoverOptions } from './address-book.ts'
import { identityOf, type UrlEndpoint } from './endpoint.ts'
import { isUnsent } from './is-unsent.ts'
import { namedError } from './named-error.ts'
import { requireReady } from './require-ready.ts'

/**
 * A transport to one server by several addresses. A request that could not be sent to one is sent to the next; one whose answer is lost
 * fails, since only its caller knows what may be done then, and the next request goes to another address if this one is down.
 */
export function createFailoverTransport(
  endpoints: readonly [UrlEndpoint, ...UrlEndpoint[]],
  { open, onSwitch, name = endpoints[0].origin, clock }: FailoverOptions,
): Transport {
  const [first] = endpoints
  const { token } = first
  const book = createAddressBook(endpoints, { open, onSwitch, name, clock })
  return {
    origin: first.origin,
    name,
    identity: identityOf(first),
    addresses: { origins: endpoints.map(({ origin }) => origin), current: () => book.current().origin },
    ...(token === undefined ? {} : { token: (refused?: string) => readToken(token, refused) }),
    async fetch(input, init) {
      const request = await repeatable(input, init)
      return overAddresses(book, {
        signal: init?.signal ?? (typeof input === 'string' ? undefined : input.signal),
        isRepeatable: request.isRepeatable,
        send: (transport) => transport.fetch(input, request.init),
        isRefusal: ({ status }) => status === 503,
        isDoubtful: ({ status }) => status === 502 || status === 504,
        discard: ({ body }) => body?.cancel(),
      })
    },
    openMessages: (path, options) =>
      overAddresses(book, {
        signal: options.signal,
        isRepeatable: true,
        async send(transport) {
          if (transport.openMessages === undefined) throw new TypeError('a transport without WebSockets')
          return transport.openMessages(path, options)
        },
      }),
    close: () => book.close(),
  }
}

interface Attempt<T> {
  signal: AbortSignal | undefined
  isRepeatable: boolean
  send(transport: Transport): Promise<T>
  /** Whether an answer can be that of a member that starts or ends, which has not carried the request out. */
  isRefusal?(answer: T): boolean
  /** Whether an answer can be that of a gateway whose server is down. The request may have been carried out, so only the next one goes elsewhere. */
  isDoubtful?(answer: T): boolean
  discard?(answer: T): Promise<void> | undefined
}

async function overAddresses<T>(book: AddressBook, attempt: Attempt<T>): Promise<T> {
  const { signal, isRepeatable, send } = attempt
  let refused: { answer: T } | undefined
  for (let tried = 1; ; tried++) {
    const entered = await book.enter(signal).catch((error: unknown) => {
      signal?.throwIfAborted()
      if (refused === undefined) throw error
    })
    // No other member answers: the words of the one that is starting say more than that.
    if (entered === undefined) return (refused as { answer: T }).answer
    if (refused !== undefined) await attempt.discard?.(refused.answer)
    refused = undefined
    const { entry, transport } = entered
    // At once, not when the transport rejects: the next request may begin before that.
    const onAbort = (): void =>
      isLate(signal?.reason) ? book.leave(entry, signal?.reason) : book.doubt(entry)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      const answer = await send(transport)
      book.praise(entry)
      if (attempt.isDoubtful?.(answer)) book.doubt(entry)
      if (!attempt.isRefusal?.(answer)) return answer
      const unready = await requireReady(transport, signal).catch((error: unknown) => error)
      if (unready === undefined) return answer
      signal?.throwIfAborted()
      book.leave(entry, unready)
      if (!isRepeatable || tried >= book.size) return answer
      refused = { answer }
    } catch (error) {
      signal?.throwIfAborted()
      // With another certificate than at the handshake, nothing was sent: the next handshake decides.
      const isChanged = isHyperkitError(error, 'certificate-changed')
      if (isHyperkitError(error) && !isChanged) throw error
      const unsent = isChanged || isUnsent(error)
      if (isUnsent(error)) book.leave(entry, error)
      else book.doubt(entry, error)
      if (!unsent || !isRepeatable || tried > book.size)
        throw isChanged ? error : namedError(error, entry.origin, entry.endpoint.url.host)
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }
}

/** Whether a request was ended because the server was silent: it did not begin to answer, or took no byte of an upload. */
function isLate(reason: unknown): boolean {
  if (!(reason instanceof Error)) return false
  return reason.name === 'TimeoutError' || (reason as { code?: unknown }).code === 'UND_ERR_BODY_TIMEOUT'
}

/** A stream can be sent once. The JSON of a request is read first, since a Request makes a stream of it. */
async function repeatable(
  input: Request | string,
  init: Partial<TransportInit> | undefined,
): Promise<{ isRepeatable: boolean; init: Partial<TransportInit> | undefined }> {
  const body = init?.body ?? (typeof input === 'string' ? undefined : input.body)
  if (!(body instanceof ReadableStream)) return { isRepeatable: true, init }
  const headers = init?.headers ?? (typeof input === 'string' ? undefined : input.headers)
  const isJson = headers?.get('content-type') === 'application/json'
  if (!isJson) return { isRepeatable: false, init }
  return { isRepeatable: true, init: { ...init, body: await new Response(body).text() } }
}
