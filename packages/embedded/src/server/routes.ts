import type { Handler } from './context.ts'

export interface Endpoint {
  handle: Handler
  /** Untrusted peers reach the handler too, and it looks after itself. */
  open?: boolean
  /** Belongs to no project: a restricted certificate is no stranger here. */
  anyProject?: boolean
}

export interface Route {
  pattern: RegExp
  methods: Readonly<Record<string, Endpoint>>
}

/** Matches a path still encoded, so that `%2F` does not end a segment. */
export function matchRoute(
  routes: readonly Route[],
  path: string,
): { route: Route; params: string[] } | undefined {
  for (const route of routes) {
    const match = route.pattern.exec(path)
    if (match !== null) return { route, params: match.slice(1).map(decode) }
  }
  return undefined
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
