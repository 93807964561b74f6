import type { Handler } from '../call/context.ts'
import type { Dialect } from '../dialect/dialect.ts'
import type { Right } from '../trust/rights.ts'

export interface Endpoint {
  handle: Handler
  /** Untrusted peers reach the handler too, and it looks after itself. */
  open?: boolean
  /** Belongs to no project: a restricted certificate is no stranger here. */
  anyProject?: boolean
  /** Knows `all-projects`, and shows of them what the peer may see. */
  allProjects?: boolean
  /** Which field of the dialect answers a caller with limited rights in a project where it has none. */
  foreign?: 'foreignImages' | 'foreignAliases' | 'foreignOperations' | 'foreignLists' | 'foreignAliasCreation'
  /** What a fine-grained identity needs. */
  right?: Right
  /** The body may be of any size. */
  anyBody?: boolean
}

export interface Route {
  pattern: RegExp
  /** Which servers have it. @default all */
  where?: (dialect: Dialect) => boolean
  methods: Readonly<Record<string, Endpoint>>
}

/** Matches a path still encoded, so that `%2F` does not end a segment. */
export function matchRoute(
  routes: readonly Route[],
  path: string,
  dialect: Dialect,
): { route: Route; params: string[] } | undefined {
  for (const route of routes) {
    if (route.where !== undefined && !route.where(dialect)) continue
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
