import { HyperkitError } from '@hyperkit/core'

/**
 * The text of a file of the configuration, or `undefined` where there is none.
 *
 * node:fs is loaded here and not above: an edge worker loads this package too.
 *
 * @throws HyperkitError `invalid-configuration` where the file exists and cannot be read
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

/** Whether a path is there, and whether this user may write to it, which is what a socket needs. */
export async function accessOf(path: string): Promise<Access> {
  const { access, constants } = await import('node:fs/promises')
  try {
    await access(path, constants.W_OK)
    return 'writable'
  } catch (error) {
    return (error as { code?: string }).code === 'EACCES' ? 'present' : 'absent'
  }
}
