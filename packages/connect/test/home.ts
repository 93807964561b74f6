import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import type { Environment } from '@hyperkit/connect'
import { isHyperkitError } from '@hyperkit/core'
import { expect, onTestFinished } from 'vitest'

/** A home folder with these files. Server and global folders are inside it too, so that those of this machine are not used. */
export async function home(
  files: Record<string, string> = {},
): Promise<{ home: string; environment: Environment }> {
  const folder = await mkdtemp(`${tmpdir()}/hyperkit-`)
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(`${folder}/${path}`), { recursive: true })
    await writeFile(`${folder}/${path}`, text)
  }
  const environment = {
    HOME: folder,
    INCUS_DIR: `${folder}/incus`,
    LXD_DIR: `${folder}/lxd`,
    INCUS_GLOBAL_CONF: `${folder}/etc-incus`,
    LXD_GLOBAL_CONF: `${folder}/etc-lxd`,
  }
  return { home: folder, environment }
}

export const failureOf = async (promise: Promise<unknown>): Promise<Error> => {
  const error = await promise.then(
    () => expect.unreachable('it should have failed'),
    (reason: unknown) => reason,
  )
  expect(isHyperkitError(error)).toBe(true)
  return error as Error
}
