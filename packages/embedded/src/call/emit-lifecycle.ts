import type { Call, ServerContext } from './context.ts'

export function emitImage(
  call: Call,
  action: string,
  fingerprint: string,
  context?: Record<string, unknown>,
): void {
  const project = call.project
  emit(call, action, withProject(`/1.0/images/${fingerprint}`, project), context)
}

export function emitAlias(call: Call, action: string, name: string, context?: Record<string, unknown>): void {
  emit(call, action, aliasUrl(call.server, call.project, name), context)
}

function emit(
  { server, peer, project }: Call,
  action: string,
  source: string,
  context?: Record<string, unknown>,
): void {
  const metadata = {
    action,
    source,
    ...(context === undefined ? {} : { context }),
    requestor: peer.requestor,
  }
  server.events.emit('lifecycle', project, metadata, server.member?.name)
}

/** Has `?project=` if the project is not `default`. */
export function imageUrl(project: string, fingerprint: string): string {
  return withProject(`/1.0/images/${fingerprint}`, project)
}

/** As it appears in an operation's resources. */
export function resourceUrl({ dialect }: ServerContext, project: string, fingerprint: string): string {
  return imageUrl(dialect.resourcesNameProject ? project : 'default', fingerprint)
}

/** LXD 5.0.2 encodes the name twice (T21). */
export function aliasUrl(server: ServerContext, project: string, name: string): string {
  const once = escapePathSegment(name)
  const encoded = server.dialect.doubleEncodedAliasUrls ? once.replaceAll('%', '%25') : once
  return withProject(`/1.0/images/aliases/${encoded}`, project)
}

/** As Go's `url.PathEscape`: `$&+=:@` stay, `!'()*` do not. */
function escapePathSegment(text: string): string {
  return encodeURIComponent(text)
    .replace(/%(24|26|2B|3D|3A|40)/g, (code) => decodeURIComponent(code))
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

function withProject(url: string, project: string): string {
  return project === 'default' ? url : `${url}?project=${encodeURIComponent(project)}`
}
