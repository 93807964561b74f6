/**
 * Keys that the manifest is going to have and this version does not act on. Each is refused by name: a key that is
 * accepted and not acted on would be a promise broken in silence.
 */
const coming: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'images.*.source': {
    remote: otherSource('other remotes'),
    protocol: otherSource('other remotes'),
    alias: otherSource('other remotes'),
    fingerprint: otherSource('other servers'),
    server: otherSource('other servers of the manifest'),
    url: otherSource('URLs'),
    instance: otherSource('instances'),
    snapshot: otherSource('snapshots'),
    secret: otherSource('other servers'),
    insecure: otherSource('URLs'),
  },
}

function otherSource(what: string): string {
  return `images from ${what} are not done yet: give \`file\`, or \`metadata\` and \`rootfs\``
}

/** Why a key is refused that is not a typing slip; undefined for one that is. */
export function explainComing(place: string, key: string): string | undefined {
  const keys = coming[place]
  return keys !== undefined && Object.hasOwn(keys, key) ? keys[key] : undefined
}
