import { type ConfigurationOptions, readClientConfiguration } from './read-client-configuration.ts'
import type { Remote } from './remote.ts'

/** All remotes of the user's clients, `incus` first; each says whose it is. */
export async function listRemotes(
  options: ConfigurationOptions = {},
): Promise<(Remote & { isDefault: boolean })[]> {
  const configurations = await readClientConfiguration(options)
  return configurations.flatMap(({ remotes, defaultRemote }) =>
    [...remotes.values()].map((remote) => ({ ...remote, isDefault: remote.name === defaultRemote })),
  )
}
