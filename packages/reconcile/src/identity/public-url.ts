/**
 * A URL without the parts that may give access: the query (signed links have their signature there), the fragment, and a user
 * with a password. Plans, lock files and messages show it; downloads use the full URL from the manifest.
 */
export function publicUrl(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/^([a-z]+:\/\/)[^/]*@/i, '$1')
}
