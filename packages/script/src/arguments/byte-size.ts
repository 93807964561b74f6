import { readByteSize } from '@hyperkit/terminal/text'
import * as v from 'valibot'

/** `67108864`, `512KiB`, `64MiB`, `1.5GiB` as bytes; a plain number is bytes. */
export const byteSize = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }): number => {
    const bytes = readByteSize(dataset.value)
    if (bytes !== undefined) return bytes
    addIssue({ message: 'it must be a size such as 67108864, 64MiB or 1GiB' })
    return NEVER
  }),
)
