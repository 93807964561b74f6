import http from 'node:http'
import https from 'node:https'
import { connect as connectTls } from 'node:tls'
import type { Transport } from '@hyperkit/core'
import { authorize } from './authorize.ts'
import type { Endpoint, SocketEndpoint, UrlEndpoint } from './endpoint.ts'
import { fetchOverNodeHttp, type Open } from './fetch-over-node-http.ts'
import { openMessages } from './open-messages.ts'
import { openTunnel } from './open-tunnel.ts'
import { createServerIdentity, type ServerIdentity } from './server-identity.ts'
import { unpackRequest } from './unpack-request.ts'

/** A transport over node:http and node:https; Deno uses it too, and Bun where its own fetch falls short. */
export function createNodeTransport(endpoint: Endpoint): Transport {
  return endpoint.kind === 'socket' ? overSocket(endpoint) : overUrl(endpoint)
}

// Idle connections are kept; a dead peer is noticed by TCP's own keep-alive. No time limits: a long poll is silent for long.
const agentOptions = { keepAlive: true, keepAliveMsecs: 30_000, scheduling: 'lifo' } as const

function overSocket(endpoint: SocketEndpoint): Transport {
  const agent = new http.Agent(agentOptions)
  const open: Open = ({ url, method }, headers) =>
    http.request({
      socketPath: endpoint.socket,
      path: `${url.pathname}${url.search}`,
      method,
      headers: { ...headers, host: 'unix.socket' },
      agent,
    })
  return {
    origin: endpoint.origin,
    name: endpoint.name,
    fetch: (input, init) => fetchOverNodeHttp(unpackRequest(input, init), open),
    openMessages: (path, { signal }) =>
      openMessages(`${endpoint.origin}${path}`, { socket: endpoint.socket, headers: {}, signal }),
    close: () => agent.destroy(),
  }
}

function overUrl(endpoint: UrlEndpoint): Transport {
  const identity = endpoint.secure ? createServerIdentity(endpoint) : undefined
  let agents: Promise<http.Agent> | undefined
  const agentOf = (): Promise<http.Agent> => {
    agents ??= createAgent(endpoint, identity)
    // A server that could not be reached for its certificate may be there at the next request.
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
    const agent = await agentOf()
    for (const [name, value] of Object.entries(await authorize(endpoint.token)))
      outgoing.headers.set(name, value)
    const request = endpoint.secure ? https.request : http.request
    const open: Open = ({ url, method }, headers) => request(url, { method, headers, agent })
    return explained(fetchOverNodeHttp(outgoing, open), outgoing.signal)
  }
  return {
    origin: endpoint.origin,
    name: endpoint.name,
    fetch: send,
    async openMessages(path, { signal }) {
      const [agent, headers] = [await agentOf(), await authorize(endpoint.token)]
      return explained(openMessages(`${endpoint.origin}${path}`, { agent, headers, signal }), signal)
    },
    close() {
      agents?.then((agent) => agent.destroy()).catch(() => undefined)
    },
  }
}

async function createAgent(endpoint: UrlEndpoint, identity: ServerIdentity | undefined): Promise<http.Agent> {
  const agent =
    identity === undefined
      ? new http.Agent(agentOptions)
      : // No resumed sessions: each connection checks the certificate anew.
        new https.Agent({
          ...agentOptions,
          ...((await identity.tls()) as https.AgentOptions),
          minVersion: 'TLSv1.3',
          maxCachedSessions: 0,
        })
  return endpoint.proxy === undefined
    ? agent
    : throughProxy(agent, endpoint, endpoint.proxy, await identity?.tls())
}

function throughProxy(
  agent: http.Agent,
  endpoint: UrlEndpoint,
  proxy: URL,
  tls: object | undefined,
): http.Agent {
  const host = endpoint.url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(endpoint.url.port || (endpoint.secure ? 443 : 80))
  const tunnelled = agent as unknown as {
    createConnection(options: object, done: (error: unknown, socket?: unknown) => void): void
  }
  tunnelled.createConnection = (_options, done) => {
    openTunnel(proxy, host, port).then((socket) => {
      if (tls === undefined) return done(undefined, socket)
      const servername = /[a-z]/i.test(host) && !host.includes(':') ? { servername: host } : {}
      const secured = connectTls({ host, ...tls, ...servername, socket, minVersion: 'TLSv1.3' })
      secured.once('error', done)
      secured.once('secureConnect', () => {
        secured.off('error', done)
        done(undefined, secured)
      })
    }, done)
  }
  return agent
}
