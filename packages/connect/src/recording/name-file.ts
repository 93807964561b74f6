/** The name of a tape without its ending: `0007-prod-GET-images-0123456789ab` of `0007-prod-GET-images-0123456789ab.json`. */
export function nameFile(file: number, server: string, what: string): string {
  const words = [server, what]
    // Fingerprints are cut to twelve characters and ids of operations to eight, enough to recognise them.
    .map((text) => text.replace(/[0-9a-f]{40,}/g, (long) => long.slice(0, 12)))
    .map((text) => text.replace(/([0-9a-f]{8})(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '$1'))
    .map((text) => text.replace(/[^A-Za-z0-9._]+/g, '-').replace(/^[-.]+|[-.]+$/g, ''))
  return [String(file).padStart(4, '0'), ...words.map((word) => word.slice(-60))].join('-')
}
