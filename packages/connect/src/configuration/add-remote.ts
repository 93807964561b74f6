import { ArgumentError, HyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import { replaceFile } from '@hyperkit/files/parts'
import { readText } from '../disk/read-text.ts'
import { builtInRemotes } from './built-in-remotes.ts'
import { families } from './families.ts'
import { type ConfigurationOptions, readClientConfiguration } from './read-client-configuration.ts'
import type { ClientConfiguration, ClientName, UsableRemote } from './remote.ts'

/** A remote as {@link addRemote} writes it. */
export interface NewRemote {
  name: string
  /** URL, or a `unix:` form. */
  address: string
  /** @default the client's own: `incus`, or `lxd` for `lxc` */
  protocol?: UsableRemote['protocol'] | undefined
  /** Whether it is used without a client certificate. @default false; true for simplestreams and registries */
  public?: boolean | undefined
  project?: string | undefined
  /** A program that gives the credentials for a registry. */
  credentialsHelper?: string | undefined
  /** PEM, for a server whose certificate no authority has signed. */
  serverCertificate?: string | undefined
}

/** Options of {@link addRemote}. */
export interface AddRemoteOptions extends Omit<ConfigurationOptions, 'client'> {
  /** The client whose configuration it is added to. */
  client: ClientName
}

/**
 * Checks that a remote of this name can be added, before anything is sent for it, such as a token that can be used once.
 *
 * @returns the configuration that it would be added to
 * @throws ArgumentError for a name that is not allowed
 * @throws HyperkitError `already-exists`; `invalid-configuration`
 *
 * @example
 * ```ts
 * const { file } = await checkNewRemote('hall3', { client: 'incus' })
 * console.log(file)
 * ```
 */
export async function checkNewRemote(name: string, options: AddRemoteOptions): Promise<ClientConfiguration> {
  checkName(name)
  const [configuration] = await readClientConfiguration(options)
  if (configuration === undefined) throw new Error('no configuration was read')
  // A file that is not understood is not overwritten.
  const [problem] = configuration.problems
  if (problem !== undefined)
    throw new HyperkitError('invalid-configuration', `Cannot add remote "${name}": ${problem.message}`, {
      cause: problem,
    })
  const taken = configuration.remotes.get(name)
  if (taken === undefined) return configuration
  const { client } = options
  const has = taken.origin === 'built-in' ? `${client} has a built-in remote` : `${client} has a remote`
  const also = taken.origin === 'built-in' ? '' : `, or remove it with "${client} remote remove ${name}"`
  throw new HyperkitError(
    'already-exists',
    `Cannot add remote "${name}": ${has} of that name already; choose another name${also}`,
  )
}

/**
 * Adds a remote to the configuration of the user's `incus` or `lxc` as these write it: the entry in `config.yml`, which keeps all
 * its other content and comments, and the server's certificate in `servercerts/`.
 *
 * @returns path of the `config.yml`
 * @throws ArgumentError for a name that is not allowed
 * @throws HyperkitError `already-exists`; `invalid-configuration`, `file-unwritable`
 *
 * @example
 * ```ts
 * await addRemote({ name: 'hall2', address: 'https://10.1.0.7:8443', serverCertificate: pem }, { client: 'incus' })
 * ```
 */
export async function addRemote(remote: NewRemote, options: AddRemoteOptions): Promise<string> {
  const configuration = await checkNewRemote(remote.name, options)
  const { folder } = configuration
  const file = configuration.file ?? `${folder}/config.yml`
  const text = await write(remote, configuration)
  try {
    const { mkdir } = await import('node:fs/promises')
    await mkdir(`${folder}/servercerts`, { recursive: true, mode: 0o750 })
    if (remote.serverCertificate !== undefined)
      await replaceFile(`${folder}/servercerts/${remote.name}.crt`, remote.serverCertificate, { mode: 0o600 })
    await replaceFile(file, text, { mode: 0o600 })
  } catch (cause) {
    throw new HyperkitError(
      'file-unwritable',
      `Cannot add remote "${remote.name}" to ${file}: ${messageOf(cause)}`,
      { cause },
    )
  }
  return file
}

function checkName(name: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name))
    throw new ArgumentError(
      'name',
      `Cannot use ${JSON.stringify(name)} as the name of a remote: it must begin with a letter or digit, followed by letters, digits, ".", "_" and "-" only`,
    )
}

async function write(remote: NewRemote, { client, file }: ClientConfiguration): Promise<string> {
  const { isMap, parseDocument, stringify } = await import('yaml')
  const text = (file && (await readText(file))) || initialText(client)
  const document = parseDocument(text)
  const protocol = remote.protocol ?? families[client].protocol
  const isPublic = remote.public ?? (protocol === 'simplestreams' || protocol === 'oci')
  const entry = {
    addr: remote.address,
    ...(isPublic || remote.address.startsWith('unix:') ? {} : { auth_type: 'tls' }),
    ...(remote.credentialsHelper === undefined ? {} : { credentials_helper: remote.credentialsHelper }),
    ...(remote.project === undefined ? {} : { project: remote.project }),
    protocol,
    public: isPublic,
  }
  // Both clients are readers of YAML 1.1, in which `no` is a boolean. Only the new entry is written for them: theirs stay as they are.
  const added = parseDocument(
    stringify({ [remote.name]: entry }, { compat: 'yaml-1.1', lineWidth: 0 }),
  ).contents
  const remotes = document.get('remotes')
  if (isMap(remotes) && isMap(added)) for (const pair of added.items) remotes.add(pair, true)
  else document.set('remotes', added)
  return document.toString({ lineWidth: 0 })
}

/** A `config.yml` also lists the built-in remotes that can be removed; clients take one that it does not list for removed. */
function initialText(client: ClientName): string {
  const entries = builtInRemotes[client].map(({ name, address, stays }) => {
    if (name === 'local') return `  ${name}:\n    addr: ${address}\n    public: false\n`
    return stays === 'unless-removed'
      ? `  ${name}:\n    addr: ${address}\n    protocol: simplestreams\n    public: true\n`
      : ''
  })
  return `default-remote: local\nremotes:\n${entries.join('')}aliases: {}\n`
}
