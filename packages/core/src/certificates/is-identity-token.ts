/**
 * Whether a token is that of a fine-grained identity of LXD, which is used up elsewhere than that of a certificate and looks
 * alike but for its `type` (T64).
 */
export function isIdentityToken(token: string): boolean {
  try {
    const content: unknown = JSON.parse(atob(token.trim()))
    return (
      content !== null &&
      typeof content === 'object' &&
      typeof (content as { type?: unknown }).type === 'string'
    )
  } catch {
    return false
  }
}
