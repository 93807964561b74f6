const written: Readonly<Record<string, string>> = {
  version: 'Version of the manifest format: 1.',
  name: 'The owner that is written on what this manifest creates. Only what it owns is ever removed.',
  servers: 'The servers, by the names that the manifest gives them.',
  'servers.*': 'One server, reached by one of `remote`, `url` and `socket`.',
  'servers.*.remote': 'Name of a remote in your own incus or lxc client configuration.',
  'servers.*.url': 'Address such as `https://10.1.0.7:8443`; plain http for loopback only.',
  'servers.*.socket': 'Path of a unix socket; relative to the manifest.',
  'servers.*.project': "Project of the images; by default the remote's own, else `default`.",
  'servers.*.serverCertificate':
    'PEM file with the certificate that the server must show; relative to the manifest.',
  'servers.*.clientCertificate':
    'PEM file to show to the server; by default that of your own incus or lxc client.',
  'servers.*.clientKey': 'PEM file of the key; by default beside the certificate, with the ending `.key`.',
  'servers.*.token': 'A bearer token for the server, best from an environment variable; goes with `url`.',
  'servers.*.tokenFile':
    'A file that holds the bearer token, read before each request; relative to the manifest.',
  'servers.*.labels': 'Labels by which images, and `--server label=value`, choose servers.',
  defaults: 'What images of this file have where they say nothing else.',
  'defaults.public': 'Whether everybody may download the images.',
  'defaults.properties': 'Properties of all images; those of an image go over them.',
  'defaults.propertiesMode': '`exact`: other properties are removed; `merge`, the default: they stay.',
  'defaults.expiresAt': 'When the images expire.',
  'defaults.servers': 'The servers that get the images; by default all.',
  'defaults.serverLabels': 'The servers that get the images: those with all these labels.',
  'defaults.allowNoServers': 'Whether labels that no server has are right, and no mistake.',
  'defaults.keep': 'How many versions of an image stay on a server, the current one included.',
  'defaults.keepDays': 'How many days older versions of an image stay on a server.',
  'defaults.autoUpdate': 'Whether servers look for newer versions themselves.',
  'defaults.profiles': 'Profiles that new instances of the images get; the order says nothing.',
  images: 'The images, each with a name that is also its first alias.',
  'images.*.name': 'Name of the image in this manifest, and its first alias.',
  'images.*.source': 'Where the content comes from.',
  'images.*.source.file': 'A unified image file; relative to the manifest.',
  'images.*.source.metadata': 'Metadata archive of a split image; goes with `rootfs`.',
  'images.*.source.rootfs': 'Root filesystem or disk of a split image; goes with `metadata`.',
  'images.*.source.type':
    'Kind of a split image, by default told from the rootfs file; or the kind that an alias of a remote must name.',
  'images.*.source.sha256': 'The fingerprint that the content must have.',
  'images.*.source.remote':
    'Address of another server, or the name of a remote in your own incus or lxc client configuration.',
  'images.*.source.protocol': 'How the remote is spoken to; by default as your own configuration says.',
  'images.*.source.alias': 'Alias of the image there; where it moves, the image of this manifest follows.',
  'images.*.source.fingerprint':
    'Fingerprint of the image there; alone: of an image that the servers must have already.',
  'images.*.source.server':
    'Another server of this manifest: it has the image, or with `instance`, it publishes it for all.',
  'images.*.source.url': 'Address of the image to download.',
  'images.*.source.instance': 'An instance to publish.',
  'images.*.source.snapshot': 'A snapshot of the instance to publish.',
  'images.*.source.secret': 'The secret that gives access to a private image; needs its whole fingerprint.',
  'images.*.source.secretFile': 'A file that holds the secret; relative to the manifest.',
  'images.*.source.project':
    "Project of the image on the remote; by default the remote's own, else `default`.",
  'images.*.source.serverCertificate':
    'PEM file with the certificate that the remote must show; relative to the manifest. Servers that download are given it.',
  'images.*.source.compression':
    'How a published image is compressed, such as `zstd` or `xz -9`; by default as the server is set.',
  'images.*.source.format': 'Whether a published image is one file or two; newer Incus only.',
  'images.*.source.insecure': 'Allows plain http and unverified sources.',
  'images.*.aliases': 'More aliases, as texts or with a description.',
  'images.*.aliases.*.name': 'Name of the alias.',
  'images.*.aliases.*.description': 'Description; without one an existing alias keeps its own.',
  'images.*.public': 'Whether everybody may download the image; without it, as the server has it.',
  'images.*.properties': 'Properties to set; one with an empty value is removed.',
  'images.*.propertiesMode':
    '`exact`: properties that are not named here are removed; `merge`, the default: they stay.',
  'images.*.expiresAt': 'A day (UTC), a time with its zone, or `never`.',
  'images.*.servers': 'Names of the servers that get the image; by default all.',
  'images.*.serverLabels': 'The servers that get the image: those with all these labels.',
  'images.*.allowNoServers': 'Whether labels that no server has are right, and no mistake.',
  'images.*.overrides': 'By server: what is different of the image there.',
  'images.*.overrides.*':
    'What goes over the image on this server; properties one by one, all else as a whole.',
  'images.*.state':
    '`absent`: this name and its aliases go, and the image too where this manifest created it.',
  'images.*.keep': 'How many versions stay on a server, the current one included.',
  'images.*.keepDays': 'How many days older versions stay on a server.',
  'images.*.autoUpdate': 'Whether the server looks for newer versions itself.',
  'images.*.profiles': 'Profiles that new instances of the image get, `[]` for none; the order says nothing.',
  'images.*.filename':
    "Name of the file that the server stores when the image is created there; by default the file's own. Never changed later.",
  notify: 'Who gets the report of `apply` and of the runs of `watch`; only these two tell anybody.',
  'notify.command':
    'A program and its arguments; the report is on its standard input and in the file that HYPERKIT_REPORT names.',
  'notify.webhook': 'A web server that the report is sent to as JSON.',
  'notify.webhook.url': 'Its address; https, or plain http for loopback.',
  'notify.webhook.headers': 'Headers to send, such as Authorization.',
  'notify.on':
    'When: `change`, `failure` (it begins, becomes another one, or ends), `always`. By default change and failure.',
  'notify.timeout': 'Seconds that handing it over may take; 30 by default.',
  prune: 'Removes older versions of images that this manifest created.',
  'prune.maxDelete': 'At most so many images are removed in one run of a server.',
}

/** What an image can be told it can be told on one server, too. */
const onOneServer = Object.entries(written)
  .map(([place, meaning]) => [place.replace(/^images\.\*\./, 'images.*.overrides.*.'), meaning] as const)
  .filter(([place]) => place.startsWith('images.*.overrides.*.') && !place.includes('.overrides.*.overrides'))

/**
 * What each key of the manifest means, by its place: editors show it, and the reference of the manifest can be made from
 * it. A place is the path of keys, with `*` for a name that the user chooses and for entries of lists.
 */
export const manifestKeys: Readonly<Record<string, string>> = {
  ...Object.fromEntries(onOneServer),
  ...written,
}
