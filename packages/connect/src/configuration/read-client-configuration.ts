import { HyperkitError } from '@hyperkit/core'
import type { Environment } from '../transport/transport-options.ts'
import { type Family, families } from './families.ts'
import { type ConfigFile, parseConfigFile } from './parse-config-file.ts'
import { readText } from './read-text.ts'
import type { ClientConfiguration, ClientName, Remote } from './remote.ts'

/** Whose client configuration is read, and where. */
export interface ConfigurationOptions {
  /** Which client's configuration. @default both, `incus` first */
  client?: ClientName | undefined
  /** @default the environment of the process */
  environment?: Environment | undefined
  /** Home folder. @default the variable HOME */
  home?: string | undefined
}

/**
 * What the user's `incus` and `lxc` clients know of servers: `config.yml` of the user, remotes of the global folder, and
 * the built-in remotes. A client that was never run still has its built-in remotes.
 *
 * @throws HyperkitError `invalid-configuration` with file, line and column
 */
export async function readClientConfiguration(
  options: ConfigurationOptions = {},
): Promise<ClientConfiguration[]> {
  const environment = options.environment ?? processEnvironment()
  const home = options.home ?? environment.HOME ?? ''
  const wanted: ClientName[] = options.client === undefined ? ['incus', 'lxc'] : [options.client]
  return Promise.all(wanted.map((client) => readFamily(families[client], environment, home)))
}

async function readFamily(
  family: Family,
  environment: Environment,
  home: string,
): Promise<ClientConfiguration> {
  const { variables, client } = family
  const chosen = environment[variables.folder]
  const user = await firstWithConfig(chosen ? [chosen] : family.folders.map((folder) => `${home}/${folder}`))
  const chosenGlobal = environment[variables.globalFolder]
  const global = await firstWithConfig(chosenGlobal ? [chosenGlobal] : family.globalFolders)
  const remotes = new Map<string, Remote>()
  // Where there is a config.yml it lists all but the fixed remotes: `images` was removed if it is not there.
  for (const remote of family.builtIn)
    if (!user.config || family.fixed.includes(remote.name)) remotes.set(remote.name, remote)
  for (const [origin, { config }] of [
    ['global', global],
    ['user', user],
  ] as const) {
    for (const [name, written] of Object.entries(config?.remotes ?? {})) {
      const fixed = family.fixed.includes(name) ? remotes.get(name) : undefined
      if (fixed) remotes.set(name, { ...fixed, project: written.project || fixed.project })
      else remotes.set(name, toRemote(name, written, family, origin))
    }
  }
  return {
    client,
    folder: user.folder,
    globalFolder: global.folder,
    file: user.config === undefined ? undefined : `${user.folder}/config.yml`,
    defaultRemote: environment[variables.remote] || user.config?.['default-remote'] || 'local',
    project: environment[variables.project] || undefined,
    remotes,
  }
}

async function firstWithConfig(
  folders: string[],
): Promise<{ folder: string; config: ConfigFile | undefined }> {
  for (const folder of folders) {
    const path = `${folder}/config.yml`
    const text = await readText(path)
    if (text !== undefined) return { folder, config: await parseConfigFile(text, path) }
  }
  return { folder: folders[0] ?? '', config: undefined }
}

function toRemote(
  name: string,
  written: NonNullable<ConfigFile['remotes']>[string],
  family: Family,
  origin: 'user' | 'global',
): Remote {
  const protocol = written.protocol || family.protocol
  if (protocol !== 'incus' && protocol !== 'lxd' && protocol !== 'simplestreams') {
    throw new HyperkitError(
      'invalid-configuration',
      `Cannot use remote "${name}" of ${family.client}: its protocol "${protocol}" is none of "incus", "lxd", "simplestreams"`,
    )
  }
  const isPublic = written.public ?? false
  return {
    name,
    client: family.client,
    addresses: written.addr.startsWith('unix:')
      ? [written.addr]
      : written.addr.split(',').map((address) => address.trim()),
    protocol,
    public: isPublic,
    authType: written.auth_type || (isPublic ? undefined : 'tls'),
    project: written.project || undefined,
    origin,
  }
}

export function processEnvironment(): Environment {
  return (globalThis as { process?: { env?: Environment } }).process?.env ?? {}
}
