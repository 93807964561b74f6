/** `0007-prod-GET-images-0123456789ab.json`, without the ending. */
export function nameFile(file: number, server: string, what: string): string {
  const words = [server, what]
    // Fingerprints to twelve characters, ids of operations to eight: enough to recognise.
    .map((text) => text.replace(/[0-9a-f]{40,}/g, (long) => long.slice(0, 12)))
    .map((text) => text.replace(/([0-9a-f]{8})(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '$1'))
    .map((text) => text.replace(/[^A-Za-z0-9._]+/g, '-').replace(/^[-.]+|[-.]+$/g, ''))
  return [String(file).padStart(4, '0'), ...words.map((word) => word.slice(-60))].join('-')
}
