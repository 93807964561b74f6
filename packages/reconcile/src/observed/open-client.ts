import { readFile } from 'node:fs/promises'
import {
  type AddressSwitch,
  type ClientCertificate,
  connect,
  readClientConfiguration,
} from '@hyperkit/connect'
import { type Client, HyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import type { ManifestServer, Reach, ReachToken } from '../manifest/manifest.ts'
import { isBearerToken, notABearerToken } from '../manifest/server-schema.ts'
import type { OpenOptions } from '../sources/wrap-transport.ts'
import { describeSwitch } from './describe-switch.ts'

/** Opens a client for a server of the manifest, in the project that the manifest sets. */
export async function openClient(
  { name, reach, project, answerTimeout }: ManifestServer,
  { wrapTransport, maxDocument, keepsNothing, onSwitch }: OpenOptions = {},
): Promise<Client> {
  const common = {
    ...(onSwitch === undefined
      ? {}
      : { onSwitch: (change: AddressSwitch) => onSwitch(describeSwitch(name, change)) }),
    ...(project === undefined ? {} : { project }),
    ...(answerTimeout === undefined ? {} : { answerTimeout }),
    ...(wrapTransport === undefined ? {} : { wrapTransport }),
    maxDocument,
  }
  if (reach.kind === 'remote')
    return connect({ remote: reach.remote, renewsLogin: keepsNothing !== true, ...common })
  if (reach.kind === 'socket') return connect({ socket: reach.socket, ...common })
  const serverCertificate = await readPem(reach.serverCertificate)
  const { token } = reach
  // With a token, no certificate is presented: the server could take the client for another one.
  const clientCertificate =
    (await readGivenIdentity(reach)) ?? (token === undefined ? await findOwnIdentity(reach.url) : undefined)
  const identified = {
    ...common,
    ...(serverCertificate === undefined ? {} : { serverCertificate }),
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
    // A file is read before each request, so that its token can be renewed.
    ...(token === undefined ? {} : { token: token.kind === 'text' ? token.text : () => readToken(token) }),
  }
  const { url } = reach
  return typeof url === 'string' ? connect({ ...identified, url }) : connect({ ...identified, url })
}

async function readToken({ file }: Extract<ReachToken, { kind: 'file' }>): Promise<string> {
  const refuse = (why: string, cause?: unknown): HyperkitError =>
    new HyperkitError('file-unreadable', `Cannot read token "${file}": ${why}`, { cause })
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw refuse(messageOf(cause), cause)
  })
  const token = text.trim()
  if (!isBearerToken(token)) throw refuse(`the content ${notABearerToken}`)
  return token
}

type Identity = ClientCertificate

async function readGivenIdentity(reach: Extract<Reach, { kind: 'url' }>): Promise<Identity | undefined> {
  const cert = await readPem(reach.clientCertificate)
  const key = await readPem(reach.clientKey)
  const { clientCertificate, clientKey } = reach
  if (cert === undefined || key === undefined) return undefined
  return { cert, key, names: { cert: clientCertificate ?? '', key: clientKey ?? '' } }
}

/** The certificate that the user's `incus` or `lxc` client would present. */
async function findOwnIdentity(url: string | readonly string[]): Promise<Identity | undefined> {
  if (typeof url === 'string' && url.startsWith('http:')) return undefined
  for (const { folder } of await readClientConfiguration()) {
    const paths = [`${folder}/client.crt`, `${folder}/client.key`]
    const [cert, key] = await Promise.all(paths.map((path) => readFile(path, 'utf8').catch(() => undefined)))
    const [certFile = '', keyFile = ''] = paths
    if (cert !== undefined && key !== undefined) return { cert, key, names: { cert: certFile, key: keyFile } }
  }
  return undefined
}

async function readPem(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  return readFile(path, 'utf8').catch((cause: unknown) => {
    const reason = messageOf(cause)
    throw new HyperkitError('file-unreadable', `Cannot read certificate or key "${path}": ${reason}`, {
      cause,
    })
  })
}
