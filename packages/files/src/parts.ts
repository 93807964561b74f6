/**
 * The parts of this package that the other packages of Hyperkit are built from, in addition to `@hyperkit/files`. They may change in a
 * minor version.
 *
 * @example
 * ```ts
 * import { checkPlace, replaceFile } from '@hyperkit/files/parts'
 *
 * // Before the work: is there a directory, and may this user write to it?
 * await checkPlace('images.txt')
 * await replaceFile('images.txt', 'alpine\n', { mode: 0o600 })
 * ```
 *
 * @module
 */

export { checkPlace } from './write/check-place.ts'
export { findPlace, type Place } from './write/find-place.ts'
export { type AppendedFile, openAppended, type OpenAppendedOptions } from './write/open-appended.ts'
export { type OpenStream, openStream } from './write/open-stream.ts'
export { readReplaced } from './write/read-replaced.ts'
export { type FileContent, type ReplaceFileOptions, replaceFile } from './write/replace-file.ts'
