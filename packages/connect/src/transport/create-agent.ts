import http from 'node:http'
import https from 'node:https'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { detachingSocket } from './detaching-socket.ts'
import { detectRuntime } from './detect-runtime.ts'
import type { UrlEndpoint } from './endpoint.ts'
import { keepUnread } from './keep-reading.ts'
import { openTunnel } from './open-tunnel.ts'
import { type OnRead, openTapped } from './tap.ts'
import type { TlsOptions } from './tls-options.ts'

/** Idle connections are kept, and TCP's keep-alive detects a dead peer. There is no timeout, since a long poll is silent for long. */
const agentOptions = { keepAlive: true, keepAliveMsecs: 30_000, scheduling: 'lifo' } as const

/**
 * The connections to one server, through a proxy if one is set.
 *
 * @param frugal whether received bytes are freed at once; see detaching-socket.ts
 */
export function createAgent(endpoint: UrlEndpoint, tls: TlsOptions | undefined, frugal: boolean): http.Agent {
  // No resumed sessions, so that each connection checks the certificate.
  const secured = { minVersion: 'TLSv1.3', maxCachedSessions: 0 } as const
  const agent =
    tls === undefined
      ? new http.Agent(agentOptions)
      : new https.Agent({ ...agentOptions, ...(tls as https.AgentOptions), ...secured })
  if (endpoint.proxy === undefined && !(frugal && tls)) return withTaps(agent)
  const own = agent as unknown as { createConnection: CreateConnection }
  own.createConnection = ({ ending }, done) => {
    openConnection(endpoint, tls, frugal, ending).then((socket) => done(undefined, socket), done)
  }
  return agent
}

/** The connections to a unix socket. */
export function createSocketAgent(path: string, frugal: boolean): http.Agent {
  const agent = new http.Agent(agentOptions)
  if (!frugal) return withTaps(agent)
  const own = agent as unknown as { createConnection: CreateConnection }
  own.createConnection = (_options, done) => {
    openDirectly({ path }).then((socket) => {
      keepUnread(socket)
      done(undefined, detachingSocket(socket, { freesSent: false }))
    }, done)
  }
  return agent
}

/** Gives the connections of Node taps; other runtimes do not have what these need. */
function withTaps(agent: http.Agent): http.Agent {
  if (detectRuntime() !== 'node') return agent
  const own = agent as unknown as { createConnection: (options: object, done: unknown) => Socket }
  const create = own.createConnection.bind(agent)
  own.createConnection = (options, done) =>
    openTapped((onread: OnRead) => create({ ...options, onread }, done))
  return agent
}

/** Options of a request that its connection gets too. */
export interface ConnectionOptions {
  /** Ends the attempt to connect through a proxy. */
  ending?: AbortSignal | undefined
}

type CreateConnection = (options: ConnectionOptions, done: (error: unknown, socket?: Socket) => void) => void

async function openConnection(
  endpoint: UrlEndpoint,
  tls: TlsOptions | undefined,
  frugal: boolean,
  ending: AbortSignal | undefined,
): Promise<Socket> {
  const host = endpoint.url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(endpoint.url.port || (endpoint.secure ? 443 : 80))
  const socket = await (endpoint.proxy
    ? openTunnel(endpoint.proxy, host, port, ending)
    : openDirectly({ host, port }))
  if (tls === undefined) return socket
  if (frugal) keepUnread(socket)
  const servername = /[a-z]/i.test(host) && !host.includes(':') ? { servername: host } : {}
  const below = frugal ? detachingSocket(socket, { freesSent: true }) : undefined
  const secured = connectTls({
    host,
    ...tls,
    ...servername,
    socket: below ?? socket,
    minVersion: 'TLSv1.3',
  })
  if (frugal) {
    // TLS over a stream of ours does not pass these on to the connection below.
    secured.ref = () => {
      socket.ref()
      return secured
    }
    secured.unref = () => {
      socket.unref()
      return secured
    }
  }
  return new Promise((resolve, reject) => {
    secured.once('error', reject)
    secured.once('secureConnect', () => {
      secured.off('error', reject)
      resolve(below ? detachingSocket(secured, { freesSent: false, below }) : secured)
    })
  })
}

function openDirectly(to: { host: string; port: number } | { path: string }): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...to, noDelay: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}
