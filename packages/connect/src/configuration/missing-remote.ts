import { ArgumentError, HyperkitError, UnsupportedError } from '@hyperkit/core'
import type { ClientConfiguration, DisabledRemote } from './remote.ts'

/** No client has a remote of this name, as far as is known. */
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
  const elsewhere = configurations.flatMap(({ otherFiles }) => otherFiles)
  const unread = elsewhere
    .map((file) => `; there is also "${file}", which is read only where a variable names its folder`)
    .join('')
  return new ArgumentError(
    'remote',
    `Cannot connect to "${name}": there is no such remote; known are ${known.join(', ') || 'none'}${unread}`,
  )
}

/** Which remote is the default one stands in a file that cannot be read. */
export function unknownDefault(configuration: ClientConfiguration): Error {
  return new HyperkitError(
    'invalid-configuration',
    `Cannot connect to the default remote: ${describeProblems([configuration])}; mend the file, or name a remote of the other client`,
  )
}

/** The remote is there and was not understood, or is of a kind that is not supported. */
export function unusable({ client, name, protocol, disabled }: DisabledRemote): Error {
  const sentence = `Cannot connect to "${name}" of ${client}: ${disabled}`
  return protocol === 'oci'
    ? new UnsupportedError(sentence)
    : new HyperkitError('invalid-configuration', sentence)
}

/** What cannot be read of the clients' configurations; empty where all can. */
export function describeProblems(configurations: readonly ClientConfiguration[]): string {
  return configurations
    .flatMap(({ client, problems }) =>
      problems.map(({ message }) => `the configuration of ${client} is not known: ${message}`),
    )
    .join('; ')
}
