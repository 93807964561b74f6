import { HyperkitError } from '@hyperkit/core'
import * as v from 'valibot'
import { readText } from '../disk/read-text.ts'
import type { Environment } from '../transport/transport-options.ts'

const text = v.nullish(v.string(), '')

const configSchema = v.looseObject({
  auths: v.nullish(
    v.record(v.string(), v.looseObject({ auth: text, username: text, password: text, identitytoken: text })),
    {},
  ),
  credHelpers: v.nullish(v.record(v.string(), v.string()), {}),
  credsStore: text,
})

/** A docker client's configuration of credentials, and where it is, for errors. */
export interface DockerConfig {
  from: string
  auths: Readonly<Record<string, { auth: string; username: string; password: string; identitytoken: string }>>
  credHelpers: Readonly<Record<string, string>>
  credsStore: string
}

/** That of the variable DOCKER_AUTH_CONFIG, and that of the file `config.json` in DOCKER_CONFIG, or else in `~/.docker`; those that exist. */
export async function readDockerConfigs(environment: Environment): Promise<DockerConfig[]> {
  const { DOCKER_AUTH_CONFIG: inline, DOCKER_CONFIG, HOME = '' } = environment
  const file = `${DOCKER_CONFIG || `${HOME}/.docker`}/config.json`
  const written = await readText(file)
  return [
    ...(inline ? [parse(inline, 'DOCKER_AUTH_CONFIG')] : []),
    ...(written ? [parse(written, file)] : []),
  ]
}

/** @throws HyperkitError `invalid-configuration`, without a part of the text */
function parse(json: string, from: string): DockerConfig {
  try {
    const { auths, credHelpers, credsStore } = v.parse(configSchema, JSON.parse(json))
    return { from, auths: auths ?? {}, credHelpers: credHelpers ?? {}, credsStore: credsStore ?? '' }
  } catch (error) {
    const where = error instanceof v.ValiError ? (v.getDotPath(error.issues[0]) ?? '') : ''
    throw new HyperkitError(
      'invalid-configuration',
      `Cannot read the credentials in ${from}: ${where === '' ? 'it is not JSON' : `${JSON.stringify(where)} does not have the expected form`}`,
    )
  }
}
