/**
 * Asks for an answer that is not encoded. Bun's fetch asks for gzip, deflate, br and zstd by itself, and decodes what comes (1.4.5): 2 MB
 * became 3 GB. With `decompress: false` it hands over the bytes that came, but still asks for encoded ones.
 */
export function askForIdentity(headers: Headers): void {
  if (!headers.has('accept-encoding')) headers.set('accept-encoding', 'identity')
}
