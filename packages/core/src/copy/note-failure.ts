import { passBytes } from '../bytes/pass-bytes.ts'
import type { UploadFile, UploadSource } from '../images/upload-source.ts'

/** The same source, which remembers why reading it failed, if it did. */
export function noteFailure(source: UploadSource): { source: UploadSource; failure(): Error | undefined } {
  let failure: Error | undefined
  const note = <E>(error: E): E => {
    failure ??= error instanceof Error ? error : new Error(String(error))
    return error
  }
  const noting = <File extends UploadFile>(file: File): File => ({
    ...file,
    async open() {
      try {
        return passBytes(await file.open(), { take() {}, end() {}, failed: note })
      } catch (error) {
        throw note(error)
      }
    },
  })
  return {
    failure: () => failure,
    source:
      source.kind === 'unified'
        ? noting(source)
        : { ...source, metadata: noting(source.metadata), rootfs: noting(source.rootfs) },
  }
}
