import { processEnvironment } from '../transport/process-environment.ts'
import { type ConfigurationOptions, readClientConfiguration } from './read-client-configuration.ts'
import type { Remote } from './remote.ts'
import { statedRemote } from './stated-remote.ts'

/**
 * Lists all remotes of the user's clients, `incus` first. Each says which client has it, and whether it is the default remote: the
 * one that the variable HYPERKIT_REMOTE names, else that of its client.
 *
 * @example
 * ```ts
 * for (const { name, client } of await listRemotes()) console.log(`${client}:${name}`)
 * ```
 */
export async function listRemotes(
  options: ConfigurationOptions = {},
): Promise<(Remote & { isDefault: boolean })[]> {
  const environment = options.environment ?? processEnvironment()
  const stated = statedRemote(environment)
  const configurations = await readClientConfiguration(options)
  return configurations.flatMap(({ client, remotes, defaultRemote }) => {
    const isMeant = stated.client === undefined || stated.client === client
    const name = stated.name === undefined ? defaultRemote : isMeant ? stated.name : undefined
    return [...remotes.values()].map((remote) => ({ ...remote, isDefault: remote.name === name }))
  })
}
