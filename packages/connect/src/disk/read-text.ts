import { HyperkitError } from '@hyperkit/core'

/**
 * The text of a configuration file, or `undefined` if there is no such file.
 *
 * node:fs is loaded here and not at the top, since an edge worker loads this package too. Its promises are not used, because Node loads
 * readline and more for them.
 *
 * @throws HyperkitError `invalid-configuration` if the file exists and cannot be read
 */
export async function readText(path: string): Promise<string | undefined> {
  const { readFile } = await import('node:fs')
  try {
    return await settled<string>((done) => readFile(path, 'utf8', done))
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
  const { close, open } = await import('node:fs')
  try {
    const descriptor = await settled<number>((done) => open(path, 'r+', done))
    await settled<void>((done) => close(descriptor, (error) => done(error)))
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
  const { stat } = await import('node:fs')
  return settled((done) => stat(path, done)).then(
    () => true,
    ({ code }: { code?: string }) => code === 'EACCES',
  )
}

/** The outcome of a call that reports it to a function. */
function settled<Value>(
  call: (done: (error: Error | null | undefined, value?: Value) => void) => void,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value as Value)))
  })
}
