/** What is wrong with a server for a while. */
export type ServerFault =
  | { kind: 'none' }
  /** It does not listen. */
  | { kind: 'refused' }
  /** It accepts requests and never answers. */
  | { kind: 'hung' }
  /** Each body breaks off in the middle. */
  | { kind: 'cut' }
  /** A proxy before it answers. */
  | { kind: 'unavailable' }
  /** It does what it is asked, and the answer is lost. */
  | { kind: 'lost' }
  /** Each of these at random, and no fault for most requests. */
  | { kind: 'flaky' }

/** The faults that last a while. */
export const faultKinds = ['refused', 'hung', 'cut', 'unavailable', 'lost', 'flaky'] as const

/** The answer of a server that has this fault. */
export async function faultyAnswer(
  fault: ServerFault,
  random: () => number,
  signal: AbortSignal,
  answer: () => Promise<Response>,
): Promise<Response> {
  signal.throwIfAborted()
  switch (fault.kind) {
    case 'none':
      return answer()
    case 'refused':
      throw broken('connect ECONNREFUSED 127.0.0.1', 'ECONNREFUSED')
    case 'hung':
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    case 'cut':
      return cutShort(await answer())
    case 'unavailable':
      return random() < 0.5
        ? new Response('<html>503</html>', { status: 503, headers: { 'content-type': 'text/html' } })
        : Response.json({ type: 'error', error: 'unavailable', error_code: 503 }, { status: 503 })
    case 'lost':
      await answer()
      throw broken('read ECONNRESET', 'ECONNRESET')
    case 'flaky': {
      const kind = random() < 0.75 ? 'none' : faultKinds[Math.floor(random() * 5)]
      return faultyAnswer({ kind: kind ?? 'none' }, random, signal, answer)
    }
  }
}

/** An error as the runtimes report it. */
export function broken(message: string, code: string): Error {
  return Object.assign(new Error(message), { code })
}

async function cutShort(response: Response): Promise<Response> {
  const bytes = new Uint8Array(await response.arrayBuffer())
  const half = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(bytes.slice(0, bytes.byteLength >> 1)),
    pull: (controller) => controller.error(broken('terminated', 'ECONNRESET')),
  })
  return new Response(bytes.byteLength === 0 ? null : half, {
    status: response.status,
    headers: response.headers,
  })
}
