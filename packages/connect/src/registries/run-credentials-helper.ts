import { HyperkitError } from '@hyperkit/core'
import type { RegistryCredentials } from '@hyperkit/core/parts'
import * as v from 'valibot'
import type { Environment } from '../transport/transport-options.ts'

const answerSchema = v.looseObject({ Username: v.string(), Secret: v.pipe(v.string(), v.nonEmpty()) })

const timeout = 30_000

/**
 * Asks a credentials helper for the credentials of a registry, by docker's protocol: the program is run with the argument `get`, reads the
 * name of the registry, and prints JSON. Incus' client runs the helper of a remote in the same way (7.0.2).
 *
 * @param program in `PATH`, or a path
 * @returns undefined if the helper has no credentials for the registry
 * @throws HyperkitError `invalid-configuration` if the helper cannot be run or fails; its output is not shown, as it may contain a secret
 */
export async function runCredentialsHelper(
  program: string,
  registry: string,
  environment: Environment,
): Promise<RegistryCredentials | undefined> {
  const { execFile } = await import('node:child_process')
  const fail = (why: string): HyperkitError =>
    new HyperkitError(
      'invalid-configuration',
      `Cannot get the credentials for ${registry}: the credentials helper ${JSON.stringify(program)} ${why}`,
    )
  const output = await new Promise<string | undefined>((resolve, reject) => {
    const child = execFile(program, ['get'], { env: { ...environment }, timeout }, (error, stdout) => {
      if (error === null) resolve(stdout)
      else if (stdout.startsWith('credentials not found')) resolve(undefined)
      else if (typeof error.code === 'string') reject(fail(`cannot be started (${error.code})`))
      else if (error.killed) reject(fail(`did not end within ${timeout / 1000} s`))
      else reject(fail(`ended with ${error.code ?? error.signal}`))
    })
    // A helper that does not read its input has not failed.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(registry)
  })
  return output === undefined ? undefined : read(output, program, fail)
}

function read(output: string, program: string, fail: (why: string) => HyperkitError): RegistryCredentials {
  try {
    const { Username, Secret } = v.parse(answerSchema, JSON.parse(output))
    // Docker's word for a secret that is an identity token.
    const username = Username === '<token>' ? '' : Username
    return { username, secret: Secret, from: `the credentials helper ${JSON.stringify(program)}` }
  } catch {
    throw fail('did not print "Username" and "Secret" as JSON')
  }
}
