/**
 * Writes a file of the configuration. Whoever reads it meanwhile finds the old file or the new one, whole; nobody else may
 * read it.
 *
 * @param text a function is asked once it is certain that the folder can be written
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
