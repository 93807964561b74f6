/**
 * Removes the secrets from a server's words. The error of a failed download contains the whole address (LXD 5.0.2, Incus 6.0.4), and a
 * reader of the log could use the secret in it.
 */
export function hideSecrets(text: string): string {
  return text.replace(/([?&]secret=)[^&\s"']+/gi, '$1…')
}

/** Characters of a server's error text that are kept. The texts of servers have a few hundred. */
const longest = 4096

/** A server's error text, without secrets, and cut if it is very long: it is shown, logged and searched. */
export function tameWords(text: string): string {
  // Cut before the search too, but later, so that no part of a secret is left.
  const hidden = hideSecrets(text.slice(0, 4 * longest))
  return text.length <= longest ? hidden : `${hidden.slice(0, longest)}… (${text.length} characters)`
}
