/**
 * Whether a URL's `hostname` is `localhost`, in 127.0.0.0/8 or ::1.
 *
 * @example
 * ```ts
 * console.log(isLoopback(new URL('http://[::1]:8443').hostname)) // true
 * ```
 */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}
