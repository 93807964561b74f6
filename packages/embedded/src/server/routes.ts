import type { Handler } from '../call/context.ts'
import type { Dialect } from '../dialect/dialect.ts'
import type { Right } from '../trust/rights.ts'

export interface Endpoint {
  handle: Handler
  /** Untrusted peers reach the handler too, which checks their rights itself. */
  open?: boolean
  /** Belongs to no project: a restricted certificate is trusted here. */
  anyProject?: boolean
  /** Accepts `all-projects`, and shows what the peer may see of them. */
  allProjects?: boolean
  /** The field of the dialect with the answer to a caller with limited rights in a project in which it has none. */
  foreign?: 'foreignImages' | 'foreignAliases' | 'foreignOperations' | 'foreignLists' | 'foreignAliasCreation'
  /** The right that a fine-grained identity needs. */
  right?: Right
  /** The body may be of any size. */
  anyBody?: boolean
}

export interface Route {
  pattern: RegExp
  /** Which servers have the route. @default all */
  where?: (dialect: Dialect) => boolean
  methods: Readonly<Record<string, Endpoint>>
}

/** Matches the encoded path, so that `%2F` does not end a segment. */
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
