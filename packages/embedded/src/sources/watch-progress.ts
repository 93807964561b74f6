/**
 * Passes bytes on and reports their number: `rootfs: 45% (8.05MB/s)`, only when the percentage changes.
 *
 * @param total bytes; if it is 0, which means unknown, megabytes are reported
 */
export async function* watchProgress(
  chunks: AsyncIterable<Uint8Array>,
  total: number,
  label: string,
  onProgress: (text: string) => void,
): AsyncGenerator<Uint8Array> {
  const started = performance.now()
  let received = 0
  let told = ''
  for await (const chunk of chunks) {
    received += chunk.byteLength
    const share = total > 0 ? `${Math.floor((received * 100) / total)}%` : `${(received / 1e6).toFixed(2)}MB`
    if (share !== told) {
      told = share
      const seconds = Math.max((performance.now() - started) / 1000, 0.001)
      onProgress(`${label}${share} (${(received / 1e6 / seconds).toFixed(2)}MB/s)`)
    }
    yield chunk
  }
}
