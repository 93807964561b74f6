import { ArgumentError, HyperkitError, isHyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'

const unreadable: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a directory; give the image file in it',
  ELOOP: 'its symbolic links form a loop',
  ENAMETOOLONG: 'the name is too long',
}

const unwritable: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file is too big for this file system',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOENT: 'there is no such directory',
  ENOTDIR: 'a part of the path is not a directory',
  EISDIR: 'it is a directory',
  EEXIST: 'it exists already',
  ELOOP: 'its symbolic links form a loop',
  ENAMETOOLONG: 'the name is too long',
}

/** The error for a file that cannot be read, with its name. */
export function readFailure(path: string, action: string, error: unknown): Error {
  if (isHyperkitError(error)) return error
  return fileUnreadable(path, action, explain(unreadable, error), error)
}

export function fileUnreadable(path: string, action: string, why: string, cause?: unknown): ArgumentError {
  return new ArgumentError('path', `Cannot ${action} ${JSON.stringify(path)}: ${why}`, {
    code: 'file-unreadable',
    cause,
  })
}

/**
 * The error for a file or directory that cannot be written, with its name.
 *
 * @param advice a clause about what is kept and what to do about it
 * @param action what was tried with the path
 */
export function writeFailure(path: string, error: unknown, advice = '', action = 'write'): Error {
  if (isHyperkitError(error)) return error
  return new HyperkitError(
    'file-unwritable',
    `Cannot ${action} ${JSON.stringify(path)}: ${explain(unwritable, error)}${advice}`,
    { cause: error },
  )
}

export function errorCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : undefined
}

function explain(words: Record<string, string>, error: unknown): string {
  return words[errorCode(error) ?? ''] ?? messageOf(error)
}
