import { closeWithoutAnswer } from '../answer/close-without-answer.ts'
import { errorAnswer } from '../answer/envelope.ts'
import { Failure } from '../answer/failure.ts'
import { HandlerPanic } from '../answer/handler-panic.ts'
import { type ConnectionInfo, identifyPeer, mayUse, type Peer } from '../trust/peer.ts'
import type { Call, ServerContext } from './context.ts'
import { routes } from './route-table.ts'
import { matchRoute } from './routes.ts'

/** Finds the handler of a request, asks it, and turns what it throws into an answer. */
export async function dispatch(
  server: ServerContext,
  request: Request,
  info: ConnectionInfo | undefined,
): Promise<Response> {
  try {
    return await handle(server, request, info)
  } catch (error) {
    if (error instanceof HandlerPanic) return closeWithoutAnswer()
    if (error instanceof Failure) return errorAnswer(error.status, error.message)
    return errorAnswer(500, error instanceof Error ? error.message : String(error))
  }
}

async function handle(
  server: ServerContext,
  request: Request,
  info: ConnectionInfo | undefined,
): Promise<Response> {
  const target = targetOf(request, info)
  const found = matchRoute(routes, target.path)
  if (found === undefined) throw new Failure(404, 'not found')
  const endpoint = Object.hasOwn(found.route.methods, request.method)
    ? found.route.methods[request.method]
    : undefined
  if (endpoint === undefined) throw new Failure(501, 'not implemented')
  const peer = identifyPeer(server, info, request.headers.get('authorization'))
  const project = target.query.get('project') || 'default'
  const call: Call = {
    server,
    request,
    params: found.params,
    query: target.query,
    peer: endpoint.anyProject === true ? peer : within(peer, project),
    project,
  }
  if (!call.peer.trusted && endpoint.open !== true) throw new Failure(403, 'not authorized')
  return endpoint.handle(call)
}

/** A restricted certificate is a stranger in the projects of others. */
function within(peer: Peer, project: string): Peer {
  return mayUse(peer, project) ? peer : { ...peer, trusted: false }
}

function targetOf(
  request: Request,
  info: ConnectionInfo | undefined,
): { path: string; query: URLSearchParams } {
  if (info?.target === undefined) {
    const url = new URL(request.url)
    return { path: url.pathname, query: url.searchParams }
  }
  const mark = info.target.indexOf('?')
  if (mark < 0) return { path: info.target, query: new URLSearchParams() }
  return { path: info.target.slice(0, mark), query: new URLSearchParams(info.target.slice(mark + 1)) }
}
