/** Names of query parameters whose values give access, such as those of signed links. */
const secretParameter =
  /([?&](?:[\w.-]*(?:secret|signature|token|passw(?:or)?d|credential)|sig|key|[\w.-]+[_-]key)=)[^&\s"'<>]+/gi
/** The user and password of a URL. */
const userinfo = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"'<>?#]*@/gi

/**
 * Removes from a text what in its URLs gives access. Words of servers contain such URLs: the error of a failed download has the whole
 * address (LXD 5.0.2, Incus 6.0.4), and web servers redirect to signed links.
 *
 * @example
 * ```ts
 * import { hideSecrets } from '@hyperkit/core/parts'
 *
 * console.log(hideSecrets('from https://me:pw@host/a?secret=x')) // from https://…@host/a?secret=…
 * ```
 */
export function hideSecrets(text: string): string {
  return text.replace(userinfo, '$1…@').replace(secretParameter, '$1…')
}

/** Characters of a server's error text that are kept. The texts of servers have a few hundred. */
const longest = 4096

/** A server's error text, without secrets, and cut if it is very long: it is shown, logged and searched. */
export function tameWords(text: string): string {
  // Cut before the search too, but later, so that no part of a secret is left.
  const hidden = hideSecrets(text.slice(0, 4 * longest))
  return text.length <= longest ? hidden : `${hidden.slice(0, longest)}… (${text.length} characters)`
}
