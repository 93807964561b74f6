/**
 * Whether a token is for a fine-grained identity of LXD. It looks like one for a certificate except for its `type`, and goes to
 * another path (T64).
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
