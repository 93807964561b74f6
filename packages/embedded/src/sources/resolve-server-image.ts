import { boundaryOf } from '@hyperkit/core/parts'
import { Failure } from '../answer/failure.ts'
import type { IncomingImage } from '../ingest/incoming-image.ts'
import { receiveSplit, receiveUnified } from '../ingest/receive-image.ts'
import type { RemoteServer } from '../remote/connect-remote.ts'
import { textOf } from '../remote/connect-remote.ts'
import type { DownloadOptions, ImageInfo, ResolvedImage } from './resolved-image.ts'
import { watchProgress } from './watch-progress.ts'

export interface ServerImageRequest {
  /** Alias or fingerprint; looked up as an alias first. */
  name: string
  secret: string
  /** '' for any. */
  imageType: string
  /** '' for the default project. */
  project: string
}

/** Looks an image up on another server, as an untrusted client. */
export async function resolveServerImage(
  remote: RemoteServer,
  request: ServerImageRequest,
  namesOtherType: boolean,
): Promise<ResolvedImage> {
  const query = queryOf(request)
  if (request.secret !== '') return describe(remote, await readImage(remote, request.name, query), query)
  try {
    const { fingerprint, otherType } = await resolveAlias(remote, request)
    if (namesOtherType && otherType !== undefined) throw new OtherType(request.imageType, otherType)
    return describe(remote, await readImage(remote, fingerprint, query), query)
  } catch (error) {
    if (error instanceof OtherType) throw error
    const message = `Failed getting remote image info: ${(error as Error).message}`
    if (error instanceof Failure) throw new Failure(error.status, message)
    throw new Error(message, { cause: error })
  }
}

class OtherType extends Error {
  constructor(asked: string, found: string) {
    super(
      `The requested image couldn't be found for instance type "${asked}", but one was found for instance type "${found}"`,
    )
  }
}

function queryOf({ secret, project }: ServerImageRequest): string {
  const query = new URLSearchParams()
  if (project !== '') query.set('project', project)
  if (secret !== '') query.set('secret', secret)
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}

async function resolveAlias(
  remote: RemoteServer,
  { name, imageType, project }: ServerImageRequest,
): Promise<{ fingerprint: string; otherType?: string }> {
  const query = project === '' ? '' : `?project=${encodeURIComponent(project)}`
  try {
    const alias = (await remote.get(`/1.0/images/aliases/${encodeURIComponent(name)}${query}`)) as {
      target: string
      type: string
    }
    if (imageType === '' || imageType === alias.type) return { fingerprint: alias.target }
    return { fingerprint: name, otherType: alias.type }
  } catch {
    return { fingerprint: name }
  }
}

async function readImage(
  remote: RemoteServer,
  name: string,
  query: string,
): Promise<Record<string, unknown>> {
  return (await remote.get(`/1.0/images/${encodeURIComponent(name)}${query}`)) as Record<string, unknown>
}

function describe(remote: RemoteServer, image: Record<string, unknown>, query: string): ResolvedImage {
  const fingerprint = String(image.fingerprint)
  const info: ImageInfo = {
    architecture: String(image.architecture),
    properties: image.properties as Record<string, string>,
    filename: String(image.filename),
    type: image.type === 'virtual-machine' ? 'virtual-machine' : 'container',
    createdAt: String(image.created_at),
    expiresAt: String(image.expires_at),
  }
  const download = (options: DownloadOptions) =>
    downloadExport(remote, `/1.0/images/${fingerprint}/export${query}`, options)
  return { fingerprint, info, download }
}

async function downloadExport(
  remote: RemoteServer,
  path: string,
  { store, signal, onProgress }: DownloadOptions,
): Promise<IncomingImage> {
  const answer = await remote.send(path, { signal })
  if (answer.statusCode !== 200) throw new Error(errorOf(await textOf(answer)))
  const total = Number(answer.headers['content-length'] ?? 0)
  const chunks = watchProgress(answer, total, 'rootfs: ', onProgress)
  const boundary = boundaryOf(answer.headers['content-type'] ?? null)
  return boundary === undefined ? receiveUnified(store, chunks) : receiveSplit(store, chunks, boundary)
}

function errorOf(text: string): string {
  try {
    return String((JSON.parse(text) as { error?: unknown }).error)
  } catch {
    return text
  }
}
