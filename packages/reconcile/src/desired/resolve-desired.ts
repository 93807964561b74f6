import type { Manifest } from '../manifest/manifest.ts'
import type { SourceContext } from '../sources/source-context.ts'
import type { Desired } from './desired.ts'
import { resolveEach } from './resolve-each.ts'

/** Options of {@link resolveDesired}. */
export interface ResolveDesiredOptions extends SourceContext {}

/**
 * Reads every source of the manifest once, and works out what each server should have. If a source on the network cannot be
 * read, only its images are `unresolved`.
 *
 * @throws {ManifestError} with all local files that cannot be read or do not match the manifest, and downloads that its policy forbids
 */
export async function resolveDesired(manifest: Manifest, options: ResolveDesiredOptions): Promise<Desired> {
  return (await resolveEach(manifest, options)).whole
}
