import { X509Certificate } from 'node:crypto'
import {
  type ClientConfiguration,
  compareWithClient,
  createTransport,
  listRemotes,
  type OneAddressOptions,
  readClientConfiguration,
  readServerCertificate,
  resolveRemote,
} from '@hyperkit/connect'
import { type Client, isHyperkitError, type ServerInfo, supports } from '@hyperkit/core'
import { discardBody, messageOf, shortFingerprint } from '@hyperkit/core/parts'
import {
  defineScript,
  judgeCluster,
  knownFaults,
  positional,
  runIfMain,
  type ScriptTools,
  tokenReaders,
} from '@hyperkit/script'
import * as v from 'valibot'

/** The result of one check. */
interface Finding {
  remote: string
  status: 'ok' | 'warning' | 'problem'
  subject: string
  detail: string
}

type Look = Omit<Finding, 'remote'>

const script = defineScript({
  description:
    'Check servers for problems (reachability, trust, permissions, certificates, clock, version, disk), and your configuration',
  details: `Nothing is changed. The exit code is 1 if there is a problem; warnings do not count. For incus and lxc it reports which configuration
is read, what in it is not understood, and built-in remotes that differ from those of the installed client.`,
  connects: false,
  args: v.object({
    remotes: v.pipe(
      v.array(v.string()),
      v.description('Servers to check; default: the default remote'),
      positional('[remote:...]', { completes: 'remote' }),
    ),
    all: v.optional(v.pipe(v.boolean(), v.description('All remotes that have an API')), false),
  }),
  examples: ['hyperkit doctor prod:', 'hyperkit doctor --all --json'],
  async run({ args, connect, remote, result, signal, wrapTransport }) {
    const names = args.all
      ? (await listRemotes())
          .filter(
            ({ protocol, disabled }) =>
              disabled === undefined && protocol !== 'simplestreams' && protocol !== 'oci',
          )
          .map(nameOf)
      : args.remotes.length > 0
        ? args.remotes.map((name) => name.replace(/:$/, ''))
        : [remote]
    const findings: Finding[] = []
    for (const name of names)
      for (const look of await examine(name, { connect, wrapTransport }, signal))
        findings.push({ remote: name ?? 'default remote', ...look })
    for (const configuration of await readClientConfiguration())
      for (const look of await examineConfiguration(configuration, signal))
        findings.push({ remote: configuration.client, ...look })
    result(
      findings,
      findings
        .map((found) => `${marks[found.status]} ${found.remote}: ${found.subject}: ${found.detail}`)
        .join('\n'),
    )
    return findings.some(({ status }) => status === 'problem') ? 1 : 0
  },
})

const marks = { ok: 'ok     ', warning: 'warning', problem: 'PROBLEM' }

function nameOf({ client, name }: { client: string; name: string }): string {
  return `${client}:${name}`
}

async function examine(
  name: string | undefined,
  { connect, wrapTransport }: Pick<ScriptTools, 'connect' | 'wrapTransport'>,
  signal: AbortSignal,
): Promise<Look[]> {
  try {
    const { transports } = await resolveRemote(name)
    const client = await connect(name)
    const info = await client.server({ signal })
    return [
      ...(await reach(client, info, signal)),
      ...(await readCertificates(transports[0], signal)),
      await readClock(transports[0], wrapTransport, signal),
      ...judgeVersion(info),
      ...judgeExtensions(info),
      ...(info.trusted ? await readTokenReaders(client, info, signal) : []),
      ...(info.trusted ? await readCluster(client, signal) : []),
      ...(info.trusted ? await readDisk(client, signal) : []),
    ]
  } catch (error) {
    signal.throwIfAborted()
    const detail = messageOf(error)
    return [{ status: 'problem', subject: 'reach', detail }]
  }
}

async function examineConfiguration(
  configuration: ClientConfiguration,
  signal: AbortSignal,
): Promise<Look[]> {
  const { folder, file, globalFile, otherFiles, problems, remotes } = configuration
  const subject = 'configuration'
  const warn = (detail: string): Look => ({ status: 'warning', subject, detail })
  if (problems.length > 0)
    return problems.map(({ message }) => ({ status: 'problem', subject, detail: message }))
  const files = [file, globalFile].filter((path) => path !== undefined).join(' and ')
  const detail =
    files === ''
      ? `there is no ${folder}/config.yml; only the built-in remotes exist`
      : `${files}; ${remotes.size} remotes, including the built-in ones`
  const disabled = [...remotes.values()].filter((remote) => remote.disabled !== undefined)
  return [
    { status: 'ok', subject, detail },
    ...otherFiles.map((other) => warn(`${other} exists too, but is not read`)),
    ...disabled.map((remote) => warn(`remote "${remote.name}" cannot be used: ${remote.disabled}`)),
    ...(await readBuiltIn(configuration, signal)).map(warn),
  ]
}

/** Remotes that the installed client has at another address, or that are unknown here. Older clients lack some; that is not reported. */
async function readBuiltIn(configuration: ClientConfiguration, signal: AbortSignal): Promise<string[]> {
  const { client } = configuration
  try {
    const differences = (await compareWithClient(configuration, { signal })) ?? []
    return differences.flatMap(({ name, theirs, ours = ['nowhere'] }) =>
      theirs === undefined
        ? []
        : `remote "${name}" is at ${theirs} for the installed ${client}, and at ${ours} for Hyperkit`,
    )
  } catch (error) {
    signal.throwIfAborted()
    const why = messageOf(error)
    return [`the remotes could not be compared with those of the installed ${client}: ${why}`]
  }
}

async function reach(client: Client, info: ServerInfo, signal: AbortSignal): Promise<Look[]> {
  const { dialect, version, trusted } = info
  const kind = dialect.kind === 'lxd' ? 'LXD' : 'Incus'
  const what = `${kind}${version === undefined ? '' : ` ${version}`}`
  if (trusted)
    return [
      { status: 'ok', subject: 'reach', detail: `${what} answers and trusts this client` },
      await readView(client, signal),
    ]
  const { reason, remedy, stranger } = await client.view({ signal })
  if (stranger)
    return [
      {
        status: 'ok',
        subject: 'reach',
        detail: `${what} answers, and shows public images only: the remote is marked public, so no certificate is presented`,
      },
    ]
  const detail = `${what} answers, but shows public images only: ${reason}; ${remedy}`
  return [{ status: 'problem', subject: 'trust', detail }]
}

async function readCluster(client: Client, signal: AbortSignal): Promise<Look[]> {
  const cluster = await client.cluster({ signal })
  return judgeCluster(cluster, cluster.kind === 'cluster' ? await client.images.list({ signal }) : [])
}

/** Servers do not say that they hide images: for a client without rights, an empty list looks like an empty server. */
async function readView(client: Client, signal: AbortSignal): Promise<Look> {
  const { sees, reason, remedy } = await client.view({ signal })
  const subject = client.projectName === undefined ? 'images' : `images of project "${client.projectName}"`
  if (sees === 'everything') return { status: 'ok', subject, detail: shown.everything }
  return { status: 'warning', subject, detail: `${shown[sees]}: ${reason}; ${remedy}` }
}

const shown = {
  everything: 'this client sees all of them, and their aliases',
  images: 'this client sees all of them, but not the list of their aliases',
  part: 'this client sees some of them, or none',
  public: 'this client sees public ones only',
}

const day = 86_400_000

async function readCertificates(transport: OneAddressOptions, signal: AbortSignal): Promise<Look[]> {
  if (transport.url === undefined || !transport.url.startsWith('https:')) return []
  signal.throwIfAborted()
  const { validFrom, validTo, fingerprint } = await readServerCertificate(transport)
  const own = transport.clientCertificate && new X509Certificate(transport.clientCertificate.cert)
  return [
    judgeValidity(`certificate of the server (${shortFingerprint(fingerprint)})`, validFrom, validTo),
    ...(own === undefined
      ? []
      : [judgeValidity('certificate of this client', new Date(own.validFrom), new Date(own.validTo))]),
  ]
}

function judgeValidity(subject: string, from: Date, to: Date): Look {
  const days = Math.floor((to.getTime() - Date.now()) / day)
  const until = to.toISOString().slice(0, 10)
  if (from.getTime() > Date.now())
    return {
      status: 'problem',
      subject,
      detail: `not valid before ${from.toISOString().slice(0, 10)}; check the clock`,
    }
  if (days < 0) return { status: 'problem', subject, detail: `expired on ${until}` }
  return days < 30
    ? { status: 'warning', subject, detail: `expires in ${days} days, on ${until}` }
    : { status: 'ok', subject, detail: `valid until ${until}` }
}

/** The server checks tokens and expiry dates against its own clock. */
async function readClock(
  options: OneAddressOptions,
  wrapTransport: ScriptTools['wrapTransport'],
  signal: AbortSignal,
): Promise<Look> {
  const transport = wrapTransport(await createTransport(options))
  try {
    const asked = Date.now()
    const answer = await transport.fetch(`${transport.origin}/1.0`, {
      signal,
      redirect: transport.redirect ?? 'error',
    })
    const took = Date.now() - asked
    await discardBody(answer)
    const date = Date.parse(answer.headers.get('date') ?? '')
    if (Number.isNaN(date))
      return { status: 'warning', subject: 'clock', detail: 'the server does not report its time' }
    // The header has whole seconds.
    const off = Math.max(0, Math.abs(date - asked) - took - 1000)
    const seconds = Math.round(off / 1000)
    return seconds <= 5
      ? { status: 'ok', subject: 'clock', detail: `same as on this machine; an answer took ${took} ms` }
      : {
          status: 'warning',
          subject: 'clock',
          detail: `differs from this machine by ${seconds} s; tokens may be refused`,
        }
  } finally {
    transport.close?.()
  }
}

function judgeVersion(info: ServerInfo): Look[] {
  const faults = knownFaults(info)
  if (faults === undefined) return []
  const subject = `version ${info.version}`
  if (faults.length === 0) return [{ status: 'ok', subject, detail: 'no known faults' }]
  return faults.map((detail) => ({ status: 'warning', subject, detail }))
}

/** Reported if this client may see which certificates are trusted. */
async function readTokenReaders(client: Client, info: ServerInfo, signal: AbortSignal): Promise<Look[]> {
  try {
    const names = tokenReaders(info, await client.certificates.list({ signal }))
    if (names.length === 0) return []
    const detail = `${names.map((name) => JSON.stringify(name)).join(', ')}: restricted to "default", which may let them read the secrets of unused trust tokens, and use these to enrol without restriction; restrict them to other projects`
    return [{ status: 'warning', subject: 'restricted certificates', detail }]
  } catch (error) {
    signal.throwIfAborted()
    if (!isHyperkitError(error)) throw error
    return []
  }
}

const wanted: Readonly<Record<string, string>> = {
  image_create_aliases: 'aliases at creation',
  images_expiry: 'expiry of images',
  image_profiles: 'profiles of images',
  images_push_relay: 'copies by push',
  image_force_refresh: 'refresh',
  image_source_project: 'images of other projects as sources',
}

function judgeExtensions(server: ServerInfo): Look[] {
  const count = server.apiExtensions?.size
  if (count === undefined)
    return [
      { status: 'ok', subject: 'extensions', detail: 'not shown to clients that the server does not trust' },
    ]
  const lacking = Object.entries(wanted).filter(([extension]) => supports(server, extension) === false)
  if (lacking.length === 0)
    return [
      {
        status: 'ok',
        subject: 'extensions',
        detail: `the server has all that Hyperkit uses (${count} in total)`,
      },
    ]
  return lacking.map(([extension, what]) => ({
    status: 'warning',
    subject: 'extensions',
    detail: `${extension} is missing: no ${what}`,
  }))
}

const poolList = v.array(v.looseObject({ name: v.string() }))
const poolSpace = v.looseObject({
  space: v.looseObject({ used: v.optional(v.number(), 0), total: v.optional(v.number(), 0) }),
})

/** The API reports storage pools only. On most servers, image files are on the disk of the first one. */
async function readDisk(client: Client, signal: AbortSignal): Promise<Look[]> {
  try {
    const ask = async (path: string, query: Record<string, string> = {}) =>
      (await client.request({ method: 'GET', path, query, action: 'read the storage pools', signal }))
        .metadata
    const looks: Look[] = []
    for (const { name } of v.parse(poolList, (await ask('/1.0/storage-pools', { recursion: '1' })) ?? [])) {
      const answer = await ask(`/1.0/storage-pools/${encodeURIComponent(name)}/resources`)
      const { used, total } = v.parse(poolSpace, answer).space
      const percent = total === 0 ? 0 : Math.round((used / total) * 100)
      const free = ((total - used) / 1024 ** 3).toFixed(1)
      const status = percent >= 98 ? 'problem' : percent >= 90 ? 'warning' : 'ok'
      looks.push({ status, subject: `storage pool "${name}"`, detail: `${percent} % full, ${free} GiB free` })
    }
    return looks
  } catch (error) {
    signal.throwIfAborted()
    if (!isHyperkitError(error)) throw error
    return [{ status: 'warning', subject: 'storage', detail: error.message }]
  }
}

export default script
await runIfMain(import.meta, script)
