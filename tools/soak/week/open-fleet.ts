import type { Transport } from '@hyperkit/core'
import { createImageServer, type DialectName } from '@hyperkit/embedded'
import { createFeed } from './create-feed.ts'
import { findGaps } from './find-gaps.ts'
import type { Member } from './member.ts'
import { faultyAnswer } from './server-fault.ts'

/** Servers in this process, and how clients reach them. */
export interface Fleet {
  members: readonly Member[]
  /** What went wrong, in words. */
  gaps: string[]
  requests: number
  wrapTransport(transport: Transport): Transport
  /** Whether a server works on a request. */
  isBusy(): boolean
}

const dialects: readonly DialectName[] = ['lxd-5.0', 'incus-6.0', 'lxd-6.9', 'incus-7.0']

/** Opens servers, each imitating another version. */
export function openFleet(random: () => number): Fleet {
  const members = dialects.map(
    (dialect, number): Member => ({
      name: `edge${number + 1}`,
      origin: `http://127.0.0.1:${number + 1}`,
      server: createImageServer({ dialect, serverName: `edge${number + 1}` }),
      fault: { kind: 'none' },
      skew: 0,
      feed: createFeed(),
      aliases: new Map(),
    }),
  )
  let busy = 0
  const fleet: Fleet = {
    members,
    gaps: [],
    requests: 0,
    isBusy: () => busy > 0,
    wrapTransport(transport) {
      const member = members.find(({ origin }) => origin === transport.origin)
      if (member === undefined) throw new Error(`no server listens on ${transport.origin}`)
      return {
        ...transport,
        fetch: async (input, init) => {
          const request = new Request(input, init as RequestInit)
          fleet.requests++
          return faultyAnswer(member.fault, random, request.signal, async () => {
            busy++
            try {
              return await answer(member, request, fleet.gaps)
            } finally {
              busy--
            }
          })
        },
        openMessages: (_path, { signal }) => member.feed.open(member.fault, signal),
      }
    },
  }
  return fleet
}

async function answer(member: Member, request: Request, gaps: string[]): Promise<Response> {
  const { server, skew } = member
  const { method } = request
  const { pathname } = new URL(request.url)
  const response = await server.fetch(request)
  const isChange = method !== 'GET' && method !== 'HEAD'
  if (isChange || pathname.endsWith('/wait')) gaps.push(...(await findGaps(member, `${method} ${pathname}`)))
  if (isChange && response.ok) member.feed.send(method, pathname)
  const headers = new Headers(response.headers)
  headers.set('date', new Date(Date.now() + skew).toUTCString())
  return new Response(response.body, { status: response.status, headers })
}
