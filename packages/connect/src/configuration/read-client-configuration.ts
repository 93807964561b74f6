import { HyperkitError } from '@hyperkit/core'
import { readText } from '../disk/read-text.ts'
import { processEnvironment } from '../transport/process-environment.ts'
import type { Environment } from '../transport/transport-options.ts'
import { type Family, families } from './families.ts'
import { type Folders, findFolders, findHome } from './find-folders.ts'
import { type ReadFolder, readFirst } from './read-folder.ts'
import type { ClientConfiguration, ClientName } from './remote.ts'
import { toRemotes } from './to-remotes.ts'

/** Which client configurations are read, and where. */
export interface ConfigurationOptions {
  /** The client whose configuration is read. @default both, `incus` first */
  client?: ClientName | undefined
  /** @default the environment of the process */
  environment?: Environment | undefined
  /** Home folder. @default the variable HOME */
  home?: string | undefined
}

/**
 * Reads the configurations of the user's `incus` and `lxc` clients: `config.yml` of the user, remotes of the global folder, and
 * the built-in remotes, which a client has even if it was never run. A remote that is not understood is in the result as `disabled`,
 * and a file in `problems`; neither affects the rest.
 *
 * @throws HyperkitError `invalid-configuration` for a file that Deno has no permission to read
 *
 * @example
 * ```ts
 * for (const { folder, problems } of await readClientConfiguration()) console.log(folder, problems)
 * ```
 */
export async function readClientConfiguration(
  options: ConfigurationOptions = {},
): Promise<ClientConfiguration[]> {
  const environment = options.environment ?? processEnvironment()
  const system = (globalThis as { process?: { platform?: string } }).process?.platform ?? ''
  const home = options.home ?? (await findHome(environment, system, options.environment === undefined))
  const wanted: ClientName[] = options.client === undefined ? ['incus', 'lxc'] : [options.client]
  return Promise.all(
    wanted.map((client) => {
      const family = families[client]
      return readFamily(family, environment, findFolders(family, environment, home, system))
    }),
  )
}

async function readFamily(
  family: Family,
  environment: Environment,
  folders: Folders,
): Promise<ClientConfiguration> {
  const { variables, client } = family
  const [user, global] = await Promise.all([readFirst(folders.own), readFirst(folders.global)])
  const misnamed = folders.named === undefined ? undefined : await judgeNamed(folders.named, user)
  const problems = [misnamed ?? user.problem, global.problem].filter((problem) => problem !== undefined)
  const isKnown = misnamed === undefined && user.problem === undefined
  return {
    client,
    folder: user.folder,
    globalFolder: global.folder,
    file: user.file,
    globalFile: global.file,
    otherFiles: user.others,
    problems,
    defaultRemote: environment[variables.remote] || user.config?.defaultRemote || 'local',
    project: environment[variables.project] || undefined,
    remotes: isKnown ? toRemotes(family, user, global) : new Map(),
  }
}

/** Clients look for `config.yml` in the folder that the variable names, and find nothing if it names the file itself. */
async function judgeNamed(variable: string, { folder, file }: ReadFolder): Promise<Error | undefined> {
  if (file !== undefined) return undefined
  const isFile = await readText(folder).then(
    (text) => text !== undefined,
    () => false,
  )
  if (!isFile) return undefined
  const parent = folder.replace(/[/\\][^/\\]*$/, '') || '/'
  return new HyperkitError(
    'invalid-configuration',
    `Cannot read client configuration: ${variable} names the file "${folder}"; it must name the directory of "config.yml", here "${parent}"`,
  )
}
