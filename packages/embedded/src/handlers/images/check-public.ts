import { Failure } from '../../answer/failure.ts'
import type { Dialect } from '../../dialect/dialect.ts'

/**
 * T59: on LXD 6.8 and newer, only images of `default` can be public.
 *
 * @param project the image's project
 * @throws {Failure} 400
 */
export function checkPublic({ publicInDefaultOnly }: Dialect, isPublic: boolean, project: string): void {
  if (isPublic && publicInDefaultOnly && project !== 'default')
    throw new Failure(400, 'Images can only be marked public in the default project')
}
