import * as v from 'valibot'
import { exists, readText } from '../disk/read-text.ts'
import { processEnvironment } from '../transport/process-environment.ts'
import type { Environment } from '../transport/transport-options.ts'
import { isSameAddress } from './built-in-remotes.ts'
import { families } from './families.ts'
import type { ClientConfiguration } from './remote.ts'

/** Options of {@link compareWithClient}. */
export interface CompareOptions {
  /** Environment variables, for PATH. @default the environment of the process */
  environment?: Environment | undefined
  /** The program to run. @default the name of the client */
  program?: string | undefined
  signal?: AbortSignal | undefined
}

/** A remote that has another address in the client than in this library, or that only one of them has. */
export interface RemoteDifference {
  name: string
  /** Addresses that the client lists; undefined if it has no such remote. */
  theirs: string[] | undefined
  /** Addresses in {@link ClientConfiguration}; undefined if it has no such remote. */
  ours: string[] | undefined
}

const listed = v.record(
  v.string(),
  v.looseObject({ Addr: v.optional(v.string()), Addrs: v.optional(v.array(v.string())) }),
)

/**
 * Compares the remotes that the installed client lists (`incus remote list`) with those of a configuration that was read, since
 * built-in remotes change with the client's versions. No other call starts a program. The program gets a copy of the configuration,
 * so that nothing is changed.
 *
 * @returns undefined if the client is not installed
 * @throws Error if the client fails or does not answer within 10 seconds
 *
 * @example
 * ```ts
 * const [configuration] = await readClientConfiguration({ client: 'incus' })
 * const differences = configuration && (await compareWithClient(configuration))
 * console.log(differences ?? 'incus is not installed')
 * ```
 */
export async function compareWithClient(
  configuration: ClientConfiguration,
  options: CompareOptions = {},
): Promise<RemoteDifference[] | undefined> {
  const text = await listOfClient(configuration, options)
  if (text === undefined) return undefined
  const theirs = new Map(
    Object.entries(v.parse(listed, JSON.parse(text))).map(([name, { Addr, Addrs }]) => [
      name,
      Addrs ?? [Addr ?? ''],
    ]),
  )
  const names = new Set([...theirs.keys(), ...configuration.remotes.keys()])
  return [...names].flatMap((name) => {
    const difference = { name, theirs: theirs.get(name), ours: configuration.remotes.get(name)?.addresses }
    return isSame(difference) ? [] : [difference]
  })
}

function isSame({ theirs, ours }: RemoteDifference): boolean {
  if (theirs === undefined || ours === undefined) return false
  const split = theirs.flatMap((address) => address.split(',').map((each) => each.trim()))
  return (
    split.length === ours.length &&
    split.every((each) => ours.some((address) => isSameAddress(each, address)))
  )
}

async function listOfClient(
  { client, file, globalFolder }: ClientConfiguration,
  { environment = processEnvironment(), program = client, signal }: CompareOptions,
): Promise<string | undefined> {
  // The snap's client cannot be given another folder, and would make a configuration if there is none.
  if (client === 'lxc' && file === undefined && (await exists('/snap/lxd'))) return undefined
  const [{ execFile }, { mkdtemp, rm, writeFile }, { tmpdir }] = await Promise.all([
    import('node:child_process'),
    import('node:fs/promises'),
    import('node:os'),
  ])
  const folder = await mkdtemp(`${tmpdir()}/hyperkit-`)
  try {
    if (file !== undefined) await writeFile(`${folder}/config.yml`, (await readText(file)) ?? '')
    const { variables } = families[client]
    const env = {
      PATH: environment.PATH ?? '',
      HOME: folder,
      [variables.folder]: folder,
      [variables.globalFolder]: globalFolder,
    }
    return await new Promise((resolve, reject) => {
      const options = { env, timeout: 10_000, ...(signal === undefined ? {} : { signal }) }
      execFile(program, ['remote', 'list', '--format', 'json'], options, (error, stdout, stderr) => {
        if (error === null) resolve(stdout)
        else if ((error as { code?: unknown }).code === 'ENOENT') resolve(undefined)
        else reject(new Error(stderr.trim() || error.message, { cause: error }))
      })
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
