import { Agent, request } from 'node:https'
import { rootCertificates } from 'node:tls'
import { textOf } from '../remote/connect-remote.ts'
import type { RemoteAnswer } from '../remote/request-remote.ts'

/** An image of a registry, named as in the request of a pull. */
export interface RegistryReference {
  /** Without user and password. */
  origin: string
  host: string
  /** With the path of the server's address. */
  repository: string
  /** A tag, or a digest. */
  version: string
  /** `Basic …`, if the address of the server contains credentials. */
  authorization: string | undefined
  /** PEM of further authorities that this server trusts. */
  authorities: string | undefined
  signal: AbortSignal
}

export interface RegistryManifest {
  config: string
  layers: { digest: string; size: number }[]
}

/** A failure in the words of the program that the daemons run for registries. */
export class SkopeoError extends Error {
  constructor(status: number, words: string) {
    super(
      `exit status ${status} (time="${new Date().toISOString().slice(0, 19)}Z" level=fatal msg=${JSON.stringify(words)})`,
    )
  }
}

const types = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]

/** The manifest for an architecture, as registries name it; one that is no index is taken whatever its architecture is. */
export async function readRegistryManifest(
  reference: RegistryReference,
  architecture: string,
  name: string,
): Promise<RegistryManifest> {
  const { host, repository, version } = reference
  const image = `docker://${name}`
  const fail = (status: number, why: string): SkopeoError =>
    new SkopeoError(status, `Error parsing image name "${image}": ${why}`)
  const read = async (which: string): Promise<Record<string, unknown>> => {
    const answer = await ask(reference, `manifests/${which}`, { accept: types.join(', ') }).catch(
      (error: Error) => {
        throw fail(1, `pinging container registry ${host}: Get "https://${host}/v2/": ${error.message}`)
      },
    )
    const text = await textOf(answer)
    const status = answer.statusCode ?? 0
    const place = `reading manifest ${which} in ${host}/${repository}`
    if (status === 401) throw fail(1, `${place}: ${deniedWords(answer)}`)
    if (status !== 200) throw fail(2, `${place}: manifest unknown`)
    return JSON.parse(text) as Record<string, unknown>
  }
  const top = await read(version)
  if (!Array.isArray(top.manifests)) return manifestOf(top)
  const entries = top.manifests as { digest: string; platform?: { architecture: string; os: string } }[]
  const found = entries.find(
    ({ platform }) => platform?.architecture === architecture && platform.os === 'linux',
  )
  if (found !== undefined) return manifestOf(await read(found.digest))
  throw new SkopeoError(
    1,
    `Error parsing manifest for image: choosing image instance: no image found in image index for architecture "${architecture}", variant "", OS "linux"`,
  )
}

/** A blob, such as a layer. */
export async function readBlob(reference: RegistryReference, digest: string): Promise<Buffer> {
  const answer = await ask(reference, `blobs/${digest}`, {})
  if (answer.statusCode !== 200) throw new SkopeoError(1, `reading blob ${digest}: ${answer.statusCode}`)
  const chunks: Uint8Array[] = []
  for await (const chunk of answer) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks)
}

function manifestOf(value: Record<string, unknown>): RegistryManifest {
  const { config, layers } = value as {
    config: { digest: string }
    layers: { digest: string; size: number }[]
  }
  return { config: config.digest, layers: layers.map(({ digest, size }) => ({ digest, size })) }
}

function deniedWords({ headers }: RemoteAnswer): string {
  return /^bearer/i.test(String(headers['www-authenticate']))
    ? 'requested access to the resource is denied'
    : 'authentication required'
}

const agents = new Map<string | undefined, Agent>()

/** One for all requests with the same authorities: Node reads all authorities of the system again for each connection, for up to a second. */
function agentFor(authorities: string | undefined): Agent {
  const known = agents.get(authorities)
  if (known !== undefined) return known
  const ca = authorities === undefined ? {} : { ca: [...rootCertificates, authorities] }
  const agent = new Agent({ keepAlive: true, ...ca })
  agents.set(authorities, agent)
  return agent
}

function ask(
  { origin, repository, authorization, authorities, signal }: RegistryReference,
  place: string,
  headers: Record<string, string>,
): Promise<RemoteAnswer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `${origin}/v2/${repository}/${place}`,
      {
        headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
        agent: agentFor(authorities),
        signal,
      },
      resolve,
    )
    asked.once('error', reject)
    asked.end()
  })
}
