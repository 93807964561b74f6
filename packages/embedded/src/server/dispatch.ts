import { messageOf } from '@hyperkit/core/parts'
import { closeWithoutAnswer } from '../answer/close-without-answer.ts'
import { errorAnswer, syncAnswer } from '../answer/envelope.ts'
import { Failure } from '../answer/failure.ts'
import { HandlerPanic } from '../answer/handler-panic.ts'
import type { Call, ServerContext } from '../call/context.ts'
import type { Refusal } from '../dialect/dialect.ts'
import { refusal } from '../dialect/fill.ts'
import { type ConnectionInfo, identifyPeer, mayUse } from '../trust/peer.ts'
import { checkRight } from './check-right.ts'
import { checkSite } from './check-site.ts'
import { limitBody } from './limit-body.ts'
import { redirectToCleanPath } from './redirect-to-clean-path.ts'
import { routes } from './route-table.ts'
import { type Endpoint, matchRoute } from './routes.ts'

/** Finds the handler of a request, calls it, and turns its errors into answers. */
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
    return errorAnswer(500, messageOf(error))
  }
}

async function handle(
  server: ServerContext,
  request: Request,
  info: ConnectionInfo | undefined,
): Promise<Response> {
  const { dialect } = server
  const target = targetOf(request, info)
  const clean = dialect.redirectsUncleanPaths
    ? redirectToCleanPath(request.method, target.path, target.search)
    : undefined
  if (clean !== undefined) return clean
  checkSite(dialect, request)
  const found = matchRoute(routes, target.path, dialect)
  if (found === undefined) throw new Failure(404, dialect.notFound)
  const endpoint = Object.hasOwn(found.route.methods, request.method)
    ? found.route.methods[request.method]
    : undefined
  if (endpoint === undefined) throw new Failure(501, dialect.notImplemented)
  const token = { header: request.headers.get('authorization'), query: target.query.get('access_token') }
  const call: Call = {
    server,
    request: endpoint.anyBody === true ? request : limitBody(dialect, request),
    params: found.params,
    query: target.query,
    peer: identifyPeer(server, info, token),
    project: target.query.get('project') || 'default',
  }
  if (!call.peer.trusted && endpoint.open !== true) throw new Failure(403, dialect.forbidden)
  if (isStranger(call, endpoint)) return handleForeign(call, endpoint)
  if (endpoint.right !== undefined) checkRight(call, endpoint.right)
  return endpoint.handle(call)
}

function isStranger({ peer, project }: Call, { anyProject }: Endpoint): boolean {
  return peer.trusted && anyProject !== true && !mayUse(peer, project)
}

/** Handles a caller with limited rights in a project in which it has none: it is treated as untrusted if the path is open to untrusted clients. */
function handleForeign(call: Call, endpoint: Endpoint): Response | Promise<Response> {
  const { dialect } = call.server
  const all = call.query.get('all-projects') === 'true'
  if (all && endpoint.allProjects === true) return endpoint.handle(call)
  const asked = endpoint.foreign === undefined ? dialect.foreignAccess : dialect[endpoint.foreign]
  const isOpen = endpoint.open === true && (typeof asked === 'string' || endpoint.foreign === undefined)
  // All clients can read public images of `default`.
  if (isOpen || (endpoint.open === true && call.project === 'default'))
    return endpoint.handle({ ...call, isForeign: true, peer: { ...call.peer, trusted: false } })
  // A fine-grained identity cannot see projects that it may not view.
  if (call.peer.permissions !== undefined) throw new Failure(404, dialect.notFound)
  if (asked === 'empty') return syncAnswer(endpoint.foreign === 'foreignOperations' ? {} : [])
  if (asked === 'shown') return endpoint.handle(call)
  throw refusal(asked as Refusal, call.project)
}

function targetOf(
  request: Request,
  info: ConnectionInfo | undefined,
): { path: string; search: string; query: URLSearchParams } {
  if (info?.target === undefined) {
    const url = new URL(request.url)
    return { path: url.pathname, search: url.search, query: url.searchParams }
  }
  const mark = info.target.indexOf('?')
  const search = mark < 0 ? '' : info.target.slice(mark)
  const path = mark < 0 ? info.target : info.target.slice(0, mark)
  return { path, search, query: new URLSearchParams(search) }
}
