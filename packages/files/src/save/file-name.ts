import { ArgumentError } from '@hyperkit/core'

// What servers make of what they find in a file, longest first.
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

/** The extension of a name that a server gave, if it is a known one; nothing else of that name is used. */
export function extensionOf(name: string | undefined): string {
  const lower = (name ?? '').toLowerCase()
  return extensions.find((extension) => lower.endsWith(extension)) ?? ''
}

/** Every name that `stem` with an extension of {@link extensionOf} can have. */
export function possibleNames(stem: string): string[] {
  return ['', ...extensions].map((extension) => `${stem}${extension}`)
}

const devices = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i

/**
 * The base name in a file name that a server gave.
 *
 * @throws ArgumentError where it is no plain name on every system: absolute, with `..`, a backslash, a control
 * character, a device of Windows, or empty
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
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (/[\x00-\x1f\x7f-\x9f\u2028\u2029]/.test(name)) return 'it has control characters'
  if (name.startsWith('/') || /^[a-z]:/i.test(name)) return 'it is an absolute path'
  if (/[\\:*?"<>|]/.test(name)) return 'it has a character that no file name can have on every system'
  if (name.split('/').some((part) => part === '..' || part === '.')) return 'it leads elsewhere'
  if (devices.test(base)) return 'it is the name of a device'
  if (/[. ]$/.test(base)) return 'it ends with a dot or space'
  if (new TextEncoder().encode(base).byteLength > 200) return 'it is too long'
  return undefined
}
