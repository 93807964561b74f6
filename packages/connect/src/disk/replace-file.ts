/**
 * Writes a configuration file that only this user may read. Another process that reads it meanwhile finds either the old or the new
 * file, never a part of one.
 *
 * @param text if it is a function, it is called once it is certain that the folder can be written
 */
export async function replaceFile(path: string, text: string | (() => Promise<string>)): Promise<void> {
  const { open, rename, rm } = await import('node:fs/promises')
  const part = `${path}.${crypto.randomUUID()}.part`
  const file = await open(part, 'wx', 0o600)
  try {
    try {
      await file.writeFile(typeof text === 'string' ? text : await text())
    } finally {
      await file.close()
    }
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}
