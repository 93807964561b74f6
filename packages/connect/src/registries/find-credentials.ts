import { HyperkitError } from '@hyperkit/core'
import { dockerHubHosts, type RegistryCredentials } from '@hyperkit/core/parts'
import type { Environment } from '../transport/transport-options.ts'
import { type DockerConfig, readDockerConfigs } from './docker-config.ts'
import { runCredentialsHelper } from './run-credentials-helper.ts'

/** Options of {@link findCredentials}. */
export interface FindCredentialsOptions {
  /** The `credentials_helper` of a remote of Incus' client: a program in `PATH`, or its path. */
  helper?: string | undefined
  environment: Environment
}

/**
 * The user's credentials for a registry: those of the remote's own helper, else of DOCKER_AUTH_CONFIG, else of docker's `config.json`, in
 * which a helper for the registry comes before the general store, and that before `auths`.
 *
 * @param host of the registry, with its port
 */
export async function findCredentials(
  host: string,
  { helper, environment }: FindCredentialsOptions,
): Promise<RegistryCredentials | undefined> {
  if (helper !== undefined) return runCredentialsHelper(helper, host, environment)
  for (const config of await readDockerConfigs(environment)) {
    const found = await findIn(config, host, environment)
    if (found !== undefined) return found
  }
  return undefined
}

async function findIn(
  { auths, credHelpers, credsStore, from }: DockerConfig,
  host: string,
  environment: Environment,
): Promise<RegistryCredentials | undefined> {
  const names = namesOf(host)
  const helped = names.find((each) => credHelpers[each] !== undefined)
  const [name = host] = helped === undefined ? names : [helped]
  const helper = credHelpers[name] ?? credsStore
  if (helper !== '') {
    if (!/^[\w.-]+$/.test(helper))
      throw new HyperkitError(
        'invalid-configuration',
        `Cannot get the credentials for ${host}: ${from} names ${JSON.stringify(helper)} as a credentials helper, which is no name of a program`,
      )
    const found = await runCredentialsHelper(`docker-credential-${helper}`, name, environment)
    if (found !== undefined || helped !== undefined) return found
  }
  const keys = Object.keys(auths)
  const matching = names.flatMap((each) => [
    ...keys.filter((key) => key === each),
    ...keys.filter((key) => key !== each && hostOf(key) === each),
  ])
  return matching.flatMap((key) => credentialsOf(auths[key], from) ?? [])[0]
}

/** Undefined for an entry that docker leaves empty, as it does if a helper keeps the credentials. */
function credentialsOf(
  entry: DockerConfig['auths'][string] | undefined,
  from: string,
): RegistryCredentials | undefined {
  if (entry === undefined) return undefined
  if (entry.identitytoken) return { username: '', secret: entry.identitytoken, from }
  // Only the first colon ends the name: a password may contain more.
  const [, username = entry.username, secret = entry.password] =
    /^([^:]*):(.*)$/s.exec(decode(entry.auth)) ?? []
  return username === '' || secret === '' ? undefined : { username, secret, from }
}

/** The names under which docker's clients keep the credentials of a registry; those of docker.io under that of its first version. */
function namesOf(host: string): string[] {
  return dockerHubHosts.includes(host) ? ['https://index.docker.io/v1/', ...dockerHubHosts] : [host]
}

/** `registry.example.org` for `https://registry.example.org/v1/`; undefined for a namespace, whose credentials are not for the whole registry. */
function hostOf(key: string): string | undefined {
  return /^(?:https?:\/\/)?([^/]+)(?:\/(?:v[12]\/?)?)?$/.exec(key)?.[1]
}

function decode(base64: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)))
  } catch {
    return ''
  }
}
