import { HyperkitError } from '@hyperkit/core'

/**
 * A file that is not an image file, not complete, or not the part of an image that it was given as; code `file-damaged`.
 *
 * @see {@link checkImageFiles}
 */
export class DamagedFileError extends HyperkitError {
  override readonly name = 'DamagedFileError'
  /** Path of the file, as it was given. */
  readonly path: string
  /** What is wrong with it, such as `its end is missing: an xz file ends with a footer`. */
  readonly reason: string

  constructor(path: string, action: string, reason: string, advice = '') {
    super('file-damaged', `Cannot ${action} ${JSON.stringify(path)}: ${reason}${advice}`)
    this.path = path
    this.reason = reason
  }
}
