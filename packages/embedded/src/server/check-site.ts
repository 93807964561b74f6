import { Failure } from '../answer/failure.ts'
import type { Dialect } from '../dialect/dialect.ts'

/** @throws {Failure} 403 for a request that a browser sends for another site */
export function checkSite({ crossSiteRefused }: Dialect, request: Request): void {
  const site = request.headers.get('sec-fetch-site')
  if (site !== 'cross-site' && site !== 'same-site') return
  if (crossSiteRefused === 'all' || request.method !== 'GET')
    throw new Failure(403, 'Forbidden Sec-Fetch-Site header value')
}
