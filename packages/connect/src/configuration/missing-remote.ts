import { ArgumentError, HyperkitError } from '@hyperkit/core'
import { families } from './families.ts'
import type { ClientConfiguration, DisabledRemote } from './remote.ts'

/** The error for a name that no client is known to have a remote of. */
export function missing(name: string, configurations: readonly ClientConfiguration[]): Error {
  const broken = describeProblems(configurations)
  if (broken !== '')
    return new HyperkitError(
      'invalid-configuration',
      `Cannot connect to "${name}": no remote of this name was found, and ${broken}`,
    )
  const known = configurations.flatMap(({ client, remotes }) =>
    [...remotes.keys()].map((remote) => `${client}:${remote}`),
  )
  const unread = configurations
    .flatMap(({ client, otherFiles }) =>
      otherFiles.map(
        (file) =>
          `; "${file}" exists too, but is read only if ${families[client].variables.folder} names its directory`,
      ),
    )
    .join('')
  return new ArgumentError(
    'remote',
    `Cannot connect to "${name}": there is no such remote; known remotes: ${known.join(', ') || 'none'}${unread}`,
  )
}

/** The error for a default remote that is named in a file that cannot be read. */
export function unknownDefault(configuration: ClientConfiguration): Error {
  return new HyperkitError(
    'invalid-configuration',
    `Cannot connect to the default remote: ${describeProblems([configuration])}; correct the file, or name a remote of the other client`,
  )
}

/** The error for a remote that exists, but was not understood. */
export function unusable({ client, name, disabled }: DisabledRemote): Error {
  return new HyperkitError('invalid-configuration', `Cannot connect to "${name}" of ${client}: ${disabled}`)
}

/** A clause about the configurations that cannot be read; empty if all can. */
export function describeProblems(configurations: readonly ClientConfiguration[]): string {
  return configurations
    .flatMap(({ client, problems }) =>
      problems.map(({ message }) => `the configuration of ${client} cannot be used: ${message}`),
    )
    .join('; ')
}
