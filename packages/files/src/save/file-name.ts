import { ArgumentError } from '@hyperkit/core'

// The extensions that servers give to the kinds of files that they detect, longest first.
const extensions = [
  '.tar.gz',
  '.tar.xz',
  '.tar.zst',
  '.tar.bz2',
  '.tar.lzma',
  '.tar.lz4',
  '.squashfs',
  '.qcow2',
  '.img',
  '.tar',
] as const

/** The extension of a name from a server, if it is a known one. Nothing else of that name is used. */
export function extensionOf(name: string | undefined): string {
  const lower = (name ?? '').toLowerCase()
  return extensions.find((extension) => lower.endsWith(extension)) ?? ''
}

/** All names that `stem` can get with an extension of {@link extensionOf}. */
export function possibleNames(stem: string): string[] {
  return ['', ...extensions].map((extension) => `${stem}${extension}`)
}

const devices = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i

/**
 * The base name of a file name from a server.
 *
 * @throws ArgumentError if it is not a plain name on every system: absolute, with `..`, a backslash or a control character, a device
 * name of Windows, or empty
 */
export function baseNameOf(name: string): string {
  const base = name.split('/').pop() ?? ''
  const why = fault(name, base)
  if (why === undefined) return base
  throw new ArgumentError(
    'filename',
    `Cannot use the server's file name ${JSON.stringify(name)}: ${why}; leave filename out to name the file after the fingerprint`,
  )
}

function fault(name: string, base: string): string | undefined {
  if (base === '') return 'it is empty'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find
  if (/[\x00-\x1f\x7f-\x9f\u2028\u2029]/.test(name)) return 'it contains control characters'
  if (name.startsWith('/') || /^[a-z]:/i.test(name)) return 'it is an absolute path'
  if (/[\\:*?"<>|]/.test(name)) return 'it contains a character that some systems do not allow in file names'
  if (name.split('/').some((part) => part === '..' || part === '.')) return 'it leads to another directory'
  if (devices.test(base)) return 'it is the name of a device on Windows'
  if (/[. ]$/.test(base)) return 'it ends with a dot or space'
  if (new TextEncoder().encode(base).byteLength > 200) return 'it is too long'
  return undefined
}
