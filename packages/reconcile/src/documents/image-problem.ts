import * as v from 'valibot'
import { failureSchema } from './error.ts'
import { count, described, nullableText, ofImage } from './values.ts'

export const imageProblemSchema = v.strictObject({
  image: ofImage.image,
  error: described(failureSchema, 'Why nothing can be planned for the image.'),
})

/** The free space for the images that come to a server. */
export const spaceSchema = v.strictObject({
  bytesNeeded: described(
    count,
    'The most bytes that the images take at once while they come, several at a time: their files as they are sent, and for a split image that is uploaded the whole request beside them. Images of unknown size are not counted.',
  ),
  bytesFree: described(v.nullable(count), 'The free bytes; null if this client cannot see them.'),
  pool: described(nullableText, 'The storage pool that was asked; null for none.'),
  why: v.exactOptional(
    described(v.string(), 'Why the free space is not seen, or is not certainly that of the image store.'),
  ),
  lacking: v.exactOptional(
    described(
      v.array(imageProblemSchema),
      'Images that do not fit: they are not sent, and their aliases stay.',
    ),
  ),
})
