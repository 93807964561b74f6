/**
 * Removes the secrets from a server's words. The error of a failed download contains the whole address (LXD 5.0.2, Incus 6.0.4), and a
 * reader of the log could use the secret in it.
 */
export function hideSecrets(text: string): string {
  return text.replace(/([?&]secret=)[^&\s"']+/gi, '$1…')
}
