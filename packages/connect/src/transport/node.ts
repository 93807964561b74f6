import http from 'node:http'
import https from 'node:https'
import type { Transport } from '@hyperkit/core'
import { authorize, readToken } from '@hyperkit/core/parts'
import { type ConnectionOptions, createAgent, createSocketAgent } from './create-agent.ts'
import { type Endpoint, identityOf, type SocketEndpoint, type UrlEndpoint } from './endpoint.ts'
import { fetchOverNodeHttp, type Open } from './fetch-over-node-http.ts'
import { openMessages } from './open-messages.ts'
import { createServerIdentity } from './server-identity.ts'
import { atOrigin, unpackRequest } from './unpack-request.ts'

/**
 * A transport over node:http and node:https. Deno uses it too, and so does Bun for what its own fetch cannot do.
 *
 * @param frugal whether received bytes are freed at once, for Deno; see detaching-socket.ts
 */
export function createNodeTransport(endpoint: Endpoint, frugal = false): Transport {
  return endpoint.kind === 'socket' ? overSocket(endpoint, frugal) : overUrl(endpoint, frugal)
}

function overSocket(endpoint: SocketEndpoint, frugal: boolean): Transport {
  const agent = createSocketAgent(endpoint.socket, frugal)
  const open: Open = ({ url, method }, headers) =>
    http.request({
      socketPath: endpoint.socket,
      path: `${url.pathname}${url.search}`,
      method,
      headers: { ...headers, host: 'unix.socket' },
      agent,
      // Otherwise Node works out a name for TLS, for which it compiles a regular expression of IPv6 addresses for 4 ms.
      ...{ servername: '' },
    })
  return {
    origin: endpoint.origin,
    name: endpoint.name,
    identity: identityOf(endpoint),
    fetch: (input, init) => fetchOverNodeHttp(unpackRequest(input, init), open, frugal),
    openMessages: (path, { signal }) =>
      openMessages(`${endpoint.origin}${path}`, { socket: endpoint.socket, headers: {}, signal }),
    close: () => agent.destroy(),
  }
}

function overUrl(endpoint: UrlEndpoint, frugal: boolean): Transport {
  const identity = endpoint.secure ? createServerIdentity(endpoint) : undefined
  let agents: Promise<http.Agent> | undefined
  const agentOf = (): Promise<http.Agent> => {
    agents ??= Promise.resolve(identity?.tls()).then((tls) => createAgent(endpoint, tls, frugal))
    // A server whose certificate could not be read may be reachable at the next request.
    agents.catch(() => {
      agents = undefined
    })
    return agents
  }
  const explained = async <T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
    try {
      return await promise
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      throw identity === undefined ? error : await identity.explain(error)
    }
  }
  const send: Transport['fetch'] = async (input, init) => {
    const outgoing = unpackRequest(input, init)
    outgoing.url = atOrigin(outgoing.url, endpoint.origin)
    const agent = await agentOf()
    for (const [name, value] of Object.entries(await authorize(endpoint.token, outgoing.headers)))
      outgoing.headers.set(name, value)
    const request = endpoint.secure ? https.request : http.request
    const connecting: ConnectionOptions = { ending: outgoing.signal ?? undefined }
    const open: Open = ({ url, method }, headers) => request(url, { method, headers, agent, ...connecting })
    return explained(fetchOverNodeHttp(outgoing, open, frugal), outgoing.signal)
  }
  const { token } = endpoint
  return {
    origin: endpoint.origin,
    name: endpoint.name,
    identity: identityOf(endpoint),
    fetch: send,
    ...(token === undefined ? {} : { token: (refused?: string) => readToken(token, refused) }),
    async openMessages(path, { signal }) {
      const [agent, headers] = [await agentOf(), await authorize(endpoint.token)]
      return explained(openMessages(`${endpoint.origin}${path}`, { agent, headers, signal }), signal)
    },
    close() {
      agents?.then((agent) => agent.destroy()).catch(() => undefined)
    },
  }
}
