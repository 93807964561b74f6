import { mkdir, readFile } from 'node:fs/promises'
import {
  addRemote,
  type ClientCertificate,
  type ClientName,
  checkNewRemote,
  connect,
  createSelfSignedCertificate,
  parseTrustToken,
  readClientConfiguration,
  readServerCertificate,
  type TrustToken,
  trust,
} from '@hyperkit/connect'
import { type Client, isHyperkitError, openRegistry } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import { replaceFile } from '@hyperkit/files/parts'
import {
  defineScript,
  flag,
  isUsageError,
  positional,
  runIfMain,
  type ScriptTools,
  UsageError,
} from '@hyperkit/script'
import * as v from 'valibot'

const projectNames = v.nullish(v.array(v.string()))

const script = defineScript({
  description: 'Add a server to the remotes of your own incus or lxc',
  details: `Shows the fingerprint of the server's certificate and asks, unless an authority has signed it, a token names it, or
--accept-certificate is given. If you have no client certificate, one is made. The files are those that incus and lxc write:
config.yml, servercerts/, client.crt, client.key. Every user of this machine sees the words of a command while it runs: a token that
several may use, or a password, is better read from a file or from the environment.

  hyperkit trust token prod:laptop     on a machine that the server trusts
  hyperkit remote add prod TOKEN       on the laptop`,
  connects: false,
  args: v.object({
    name: v.pipe(v.string(), v.nonEmpty(), v.description('Name of the remote'), positional('name')),
    server: v.pipe(
      v.string(),
      v.nonEmpty(),
      v.description('Host, host:port, URL or trust token'),
      positional('server|token'),
    ),
    token: v.optional(v.pipe(v.string(), v.description('Trust token, made by the server'))),
    tokenFile: v.optional(
      v.pipe(
        v.string(),
        v.description('File with the trust token, or "-" for stdin; default: HYPERKIT_TOKEN'),
        flag({ value: 'file', completes: 'file' }),
      ),
    ),
    password: v.optional(v.pipe(v.string(), v.description('Trust password of an LXD server'))),
    passwordFile: v.optional(
      v.pipe(
        v.string(),
        v.description('File with the trust password, or "-" for stdin; default: HYPERKIT_PASSWORD'),
        flag({ value: 'file', completes: 'file' }),
      ),
    ),
    acceptCertificate: v.optional(
      v.pipe(v.boolean(), v.description('Do not ask about the certificate of the server')),
      false,
    ),
    protocol: v.optional(
      v.pipe(
        v.picklist(['incus', 'lxd', 'simplestreams', 'oci']),
        v.description('Kind of server, "oci" for a registry of OCI images; default: what the server reports'),
      ),
    ),
    credentialsHelper: v.optional(
      v.pipe(
        v.string(),
        v.description('Program that gives the credentials for a registry, such as docker-credential-pass'),
        flag({ value: 'program' }),
      ),
    ),
    public: v.optional(
      v.pipe(v.boolean(), v.description('Use the server without a client certificate')),
      false,
    ),
    client: v.optional(
      v.pipe(
        v.picklist(['incus', 'lxc']),
        v.description('Client whose configuration gets it; default: by the kind of server'),
        flag({ value: 'client' }),
      ),
    ),
  }),
  examples: [
    'hyperkit remote add prod 10.1.0.7 --token eyJjbGllbnRf…',
    'hyperkit remote add prod eyJjbGllbnRf…',
    'hyperkit remote add docker https://docker.io --protocol oci',
  ],
  async run(context) {
    const { args, log, would, signal } = context
    let { project } = context
    const given = await readSecrets(context)
    const { token, addresses } = readServer(args.server, given.token, args.protocol)
    const add = async (address: string, client: ClientName, serverCertificate?: string): Promise<void> => {
      const { folder, file = `${folder}/config.yml` } = await checkNewRemote(args.name, { client })
      if (would(`add remote "${args.name}" to ${file}`)) return
      const remote = {
        name: args.name,
        address,
        serverCertificate,
        project,
        public: args.public || args.protocol === 'simplestreams' || args.protocol === 'oci',
        credentialsHelper: args.credentialsHelper,
        protocol: args.protocol ?? (client === 'lxc' ? 'lxd' : 'incus'),
      }
      log(`Added remote "${args.name}" to ${await addRemote(remote, { client })}`)
    }
    checkRegistry(args, addresses)
    if (args.protocol === 'simplestreams' || args.protocol === 'oci') {
      const [address = ''] = addresses
      return add(address, args.client ?? 'incus')
    }
    const { url, pem } = await meet(addresses, token, args.acceptCertificate, context)
    const pinned = pem === undefined ? {} : { serverCertificate: pem }
    const stranger = await connect({ url, ...pinned })
    const { dialect } = await stranger.server({ signal })
    stranger.close()
    const client = args.client ?? (dialect.kind === 'lxd' ? 'lxc' : 'incus')
    // Checked before a token is used, since it can be used only once.
    await checkNewRemote(args.name, { client })
    if (!args.public) {
      const clientCertificate = await ownCertificate(client, context)
      const known = await connect({ url, ...pinned, clientCertificate })
      try {
        if ((await known.server({ signal })).trusted) {
          if (token !== undefined)
            log(`${url} trusts this client already: the token was not sent and stays usable`)
        } else {
          if (given.token === undefined && token === undefined && given.password === undefined)
            throw new UsageError(
              `"${args.name}" does not trust this client yet; give --token or --token-file (from "${client} config trust add NAME" on the server)${client === 'lxc' ? ', or --password-file' : ''}`,
            )
          if (would(`let ${url} trust this client`)) return add(url, client, pem)
          if (token === undefined) await trust(known, { password: given.password ?? '', signal })
          else await trust(known, { token: given.token ?? args.server, signal })
        }
        if (project === undefined && (await known.server({ signal })).trusted)
          project = await findProject(known, log, signal)
      } finally {
        known.close()
      }
    }
    await add(url, client, pem)
  },
})

export default script
await runIfMain(import.meta, script)

interface Secrets {
  token: string | undefined
  password: string | undefined
}

/** The token and the password: given as words, in files, or in the environment. */
async function readSecrets({
  args,
  input,
}: {
  args: { server: string } & Partial<
    Record<'token' | 'tokenFile' | 'password' | 'passwordFile', string | undefined>
  >
  input: ScriptTools['input']
}): Promise<Secrets> {
  if (args.tokenFile === '-' && args.passwordFile === '-')
    throw new UsageError('only one of --token-file and --password-file can be read from stdin')
  const read = async (kind: keyof Secrets): Promise<string | undefined> => {
    const [word, file] = [args[kind], args[`${kind}File`]]
    if (word !== undefined && file !== undefined)
      throw new UsageError(`give only one of --${kind} and --${kind}-file`)
    // A token in place of the server is the one that is meant.
    const isGiven = kind === 'token' && isToken(args.server)
    if (file === undefined)
      return word ?? ((!isGiven && process.env[`HYPERKIT_${kind.toUpperCase()}`]) || undefined)
    const text = file === '-' ? await input() : await readFile(file, 'utf8').catch(refuse(kind, file))
    const secret = text?.trim() ?? ''
    if (secret === '')
      throw new UsageError(`--${kind}-file: ${file === '-' ? 'stdin' : JSON.stringify(file)} is empty`)
    return secret
  }
  return { token: await read('token'), password: await read('password') }
}

function refuse(kind: keyof Secrets, file: string): (error: unknown) => never {
  return (error) => {
    throw new UsageError(`--${kind}-file: cannot read ${JSON.stringify(file)}: ${messageOf(error)}`)
  }
}

/** What is written for a registry would else fail only when it is used. */
function checkRegistry(
  {
    protocol,
    client,
    credentialsHelper,
  }: { protocol?: string | undefined; client?: string | undefined; credentialsHelper?: string | undefined },
  [address = '']: readonly string[],
): void {
  if (protocol !== 'oci') {
    if (credentialsHelper !== undefined)
      throw new UsageError('"--credentials-helper" is for a registry; add "--protocol oci"')
    return
  }
  if (client === 'lxc')
    throw new UsageError('lxc has no registries of OCI images; leave out "--client", and incus gets it')
  openRegistry(address)
}

interface Server {
  token: TrustToken | undefined
  /** URLs, in the order in which they are tried. */
  addresses: string[]
}

function readServer(server: string, given: string | undefined, protocol: string | undefined): Server {
  const isOne = given === undefined && isToken(server)
  const token = isOne || given !== undefined ? parseTrustToken(given ?? server) : undefined
  if (isOne && token !== undefined) return { token, addresses: token.addresses }
  if (/^https?:\/\//.test(server)) {
    const url = new URL(server)
    const isApi =
      protocol !== 'simplestreams' && protocol !== 'oci' && url.port === '' && url.protocol === 'https:'
    return { token, addresses: [isApi ? `${url.origin}:8443` : server.replace(/\/$/, '')] }
  }
  if (protocol === 'oci') return { token, addresses: [`https://${server}`] }
  const hasPort = /^[^:]+:\d+$|\]:\d+$/.test(server)
  return { token, addresses: [`https://${hasPort ? server : `${bracketed(server)}:8443`}`] }
}

/** A bearer token, which contains dots, counts as a token here and is refused. It must not be sent to a name resolver. */
function isToken(server: string): boolean {
  return /^[A-Za-z0-9+/_-]{60,}={0,2}$|^ey[\w-]+\.[\w-]+\.[\w-]+$/.test(server)
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}

/** Finds the first address that answers, with its certificate if that has to be pinned. */
async function meet(
  addresses: readonly string[],
  token: TrustToken | undefined,
  accepted: boolean,
  { confirm, isInteractive, log }: Pick<ScriptTools, 'confirm' | 'isInteractive' | 'log'>,
): Promise<{ url: string; pem: string | undefined }> {
  const failures: string[] = []
  for (const url of addresses) {
    if (url.startsWith('http:')) return { url, pem: undefined }
    try {
      const { fingerprint, pem } = await readServerCertificate({ url })
      // The token comes from the server itself, through another channel.
      if (token?.fingerprint === fingerprint) return { url, pem }
      if (await isVouchedFor(url)) return { url, pem: undefined }
      log(`Certificate of ${url}: ${fingerprint}`)
      if (accepted) return { url, pem }
      if (!isInteractive())
        throw new UsageError(
          'there is no terminal to ask on; compare this fingerprint with that of the server, then give --accept-certificate',
        )
      if (await confirm('Is this the certificate of your server?')) return { url, pem }
      throw new UsageError('the certificate of the server was not accepted; nothing was written')
    } catch (error) {
      if (isUsageError(error) || addresses.length === 1) throw error
      failures.push(`${url} (${messageOf(isHyperkitError(error, 'unreachable') ? error.cause : error)})`)
    }
  }
  throw new UsageError(`none of the addresses in the token can be reached: ${failures.join(', ')}`)
}

/**
 * Chooses the project of a client that may not see `default`, all of whose calls would be refused without one. lxc and incus do the
 * same, but ask if there are several.
 *
 * @returns undefined for `default`, and for a client that may see no project (yet)
 */
async function findProject(
  client: Client,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<string | undefined> {
  const call = {
    method: 'GET',
    path: '/1.0/projects',
    action: 'list the projects of this client',
    signal,
  } as const
  try {
    const paths = v.parse(projectNames, (await client.request(call)).metadata) ?? []
    const names = paths.map((path) => decodeURIComponent(path.split('?')[0]?.split('/').pop() ?? '')).sort()
    const [first] = names
    if (first === undefined || names.includes('default')) return undefined
    const others = names.length === 1 ? '' : ` of ${names.join(', ')}; "--project" names another`
    log(`The remote works in project "${first}"${others}: this client may not use "default"`)
    return first
  } catch (error) {
    if (isHyperkitError(error, 'not-authorized')) return undefined
    throw error
  }
}

async function isVouchedFor(url: string): Promise<boolean> {
  const client = await connect({ url })
  try {
    await client.server()
    return true
  } catch (error) {
    if (isHyperkitError(error, 'certificate-rejected')) return false
    throw error
  } finally {
    client.close()
  }
}

async function ownCertificate(
  client: ClientName,
  { log, would }: Pick<ScriptTools, 'log' | 'would'>,
): Promise<ClientCertificate> {
  const [configuration] = await readClientConfiguration({ client })
  const folder = configuration?.folder ?? ''
  const [cert, key] = [`${folder}/client.crt`, `${folder}/client.key`]
  const read = (path: string): Promise<string | undefined> =>
    readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
  const [oldCert, oldKey] = await Promise.all([read(cert), read(key)])
  if (oldCert !== undefined && oldKey !== undefined) return { cert: oldCert, key: oldKey }
  if (oldCert !== undefined || oldKey !== undefined)
    throw new UsageError(`only one of ${cert} and ${key} exists; add the other one, or move this one away`)
  const made = await createSelfSignedCertificate({ commonName: `${process.env.USER ?? 'user'}@hyperkit` })
  // This one is discarded: it only serves to find out which requests the server would get.
  if (would(`make a client certificate: ${cert}`)) return { cert: made.certificate, key: made.key }
  await mkdir(folder, { recursive: true, mode: 0o750 })
  await replaceFile(key, made.key, { mode: 0o600, force: false })
  await replaceFile(cert, made.certificate, { mode: 0o644, force: false })
  log(`Made a client certificate: ${cert}`)
  return { cert: made.certificate, key: made.key }
}
