import { Failure } from '../../answer/failure.ts'
import type { Dialect } from '../../dialect/dialect.ts'

/** @throws {Failure} 400 for an impossible fingerprint in a path, if the server checks that */
export function checkImageId({ imageIds, imageIdNotHex }: Dialect, id: string): void {
  if (imageIds === 'pattern') return
  if (id.length < 12) throw new Failure(400, 'Image fingerprint prefix must contain 12 characters or more')
  if (id.length > 64) throw new Failure(400, 'Image fingerprint cannot be longer than 64 characters')
  if (!/^[0-9a-f]+$/.test(id)) throw new Failure(400, imageIdNotHex)
}
