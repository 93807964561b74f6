/**
 * Keys that the manifest is going to have and this version does not act on. Each is refused by name: a key that is
 * accepted and not acted on (`profiles`, say) would be a promise broken in silence.
 */
const coming: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  defaults: {
    autoUpdate: 'only images from files can be declared yet, and those have no source to update from',
    profiles: 'profiles of images cannot be declared yet',
  },
  'images.*': {
    autoUpdate: 'only images from files can be declared yet, and those have no source to update from',
    profiles: 'profiles of images cannot be declared yet',
    filename: 'the name of the file is sent as it is',
    labels: 'servers are chosen by name only: use `servers`',
  },
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
  'servers.*': {
    labels: 'servers are chosen by name only: use `servers` of the image',
    token: 'bearer tokens in manifests are not read yet: use a client certificate or a remote',
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
