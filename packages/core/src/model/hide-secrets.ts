/**
 * A server's own words without the secrets in them: a download that fails is told with its whole address (LXD 5.0.2, Incus
 * 6.0.4), and whoever reads the log could use what stands there.
 */
export function hideSecrets(text: string): string {
  return text.replace(/([?&]secret=)[^&\s"']+/gi, '$1…')
}
