/**
 * A URL without what may give access: a query (signed links have their signature there), a fragment, a user with a password. Plans,
 * lock files and messages show it; whoever downloads takes the whole URL from the manifest.
 */
export function publicUrl(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/^([a-z]+:\/\/)[^/]*@/i, '$1')
}
