import { HyperkitError } from '@hyperkit/core'

/**
 * The text of a configuration file, or `undefined` if there is no such file.
 *
 * node:fs is loaded here and not at the top, since an edge worker loads this package too.
 *
 * @throws HyperkitError `invalid-configuration` if the file exists and cannot be read
 */
export async function readText(path: string): Promise<string | undefined> {
  const { readFile } = await import('node:fs/promises')
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const { code } = cause as { code?: string }
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new HyperkitError('invalid-configuration', `Cannot read "${path}": ${(cause as Error).message}`, {
      cause,
    })
  }
}

export type Access = 'writable' | 'present' | 'absent'

/**
 * Whether a socket exists, and whether this user may write to it. It is opened rather than tested with access(), which needs
 * another permission on Deno.
 *
 * @throws HyperkitError `invalid-configuration` if Deno has no permission to look
 */
export async function accessOf(path: string): Promise<Access> {
  const { open } = await import('node:fs/promises')
  try {
    await (await open(path, 'r+')).close()
    return 'writable'
  } catch (cause) {
    const { code, name, message } = cause as { code?: string; name: string; message: string }
    // Linux and macOS answer this to an open() of a socket that the user may write to.
    if (code === 'ENXIO' || code === 'EOPNOTSUPP') return 'writable'
    if (name === 'NotCapable') {
      throw new HyperkitError('invalid-configuration', `Cannot look for a socket at "${path}": ${message}`, {
        cause,
      })
    }
    return code === 'EACCES' ? 'present' : 'absent'
  }
}

/** Whether a file exists, readable or not. */
export async function exists(path: string): Promise<boolean> {
  const { stat } = await import('node:fs/promises')
  return stat(path).then(
    () => true,
    ({ code }: { code?: string }) => code === 'EACCES',
  )
}
