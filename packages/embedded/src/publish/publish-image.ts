import { Failure } from '../answer/failure.ts'
import { detectCompression } from '../archive/detect-compression.ts'
import { readHeader } from '../archive/read-header.ts'
import type { Call } from '../call/context.ts'
import { imagesProject } from '../call/images-project.ts'
import { addAliases } from '../creation/add-aliases.ts'
import { announceCreated } from '../creation/announce-created.ts'
import { commitBlobs } from '../creation/commit-blobs.ts'
import type { Creation, CreationSource } from '../creation/creation.ts'
import { spreadImage } from '../creation/spread-image.ts'
import { withoutEmpty } from '../creation/without-empty.ts'
import type { Dialect } from '../dialect/dialect.ts'
import { fill } from '../dialect/fill.ts'
import { discardImage, type IncomingImage } from '../ingest/incoming-image.ts'
import { layoutOf } from '../ingest/layout-of.ts'
import { isZeroTime, timestampNow, timestampOfSeconds, zeroTime } from '../json/timestamp.ts'
import type { OperationHandle } from '../operations/operation.ts'
import { type ImageRecord, imageKey } from '../records/records.ts'
import type { SeededFiles, SeededInstance } from '../records/seeded-instance.ts'
import { compressionProblem } from './compression-problem.ts'
import type { InstanceContent } from './pack-instance.ts'
import { receiveInstance } from './receive-instance.ts'

/** Checks a publish request as LXD does before it creates an operation. */
export function checkPublish(call: Call, creation: Creation, source: CreationSource): void {
  const { dialect } = call.server
  if (dialect.compressionCheckedFirst) {
    const problem = compressionProblem(dialect, creation.compression)
    if (problem !== undefined) throw new Failure(400, problem)
  }
  const [name = ''] = source.name.split('/')
  if (dialect.publishFindsFirst && name !== '' && findInstance(call, name) === undefined)
    throw new Failure(404, fill(dialect.missingInstance, name, call.project))
}

/** Runs the operation of a publish: packs a seeded instance or snapshot into an image. */
export async function publishImage(
  call: Call,
  handle: OperationHandle,
  creation: Creation,
  source: CreationSource,
): Promise<void> {
  const { instance, files } = pickContent(call, source)
  if (instance.running && source.type !== 'snapshot')
    throw new Error('Cannot export a running instance as an image')
  const { dialect } = call.server
  const problem = compressionProblem(dialect, creation.compression)
  if (problem !== undefined) throw new Error(problem)
  if (dialect.publishFormat && !['', 'unified', 'split'].includes(creation.format))
    throw new Error('Invalid image format')
  const before = call.server.publishing
  const work = before.then(() => pack(call, handle, creation, instance, files))
  call.server.publishing = work.catch(() => {})
  await work
}

function pickContent(call: Call, source: CreationSource): { instance: SeededInstance; files: SeededFiles } {
  const { name, type } = source
  if (name === '') throw new Error('No source provided')
  const [parent = '', snapshotName] = name.split('/')
  if (type === 'snapshot' && snapshotName === undefined) throw new Error('Not a snapshot')
  if (type !== 'snapshot' && snapshotName !== undefined) throw new Error('This is a snapshot')
  const instance = findInstance(call, parent)
  const snapshots = instance?.snapshots?.map((one) => (typeof one === 'string' ? { name: one } : one)) ?? []
  const snapshot = snapshots.find((one) => one.name === snapshotName)
  if (instance === undefined || (snapshotName !== undefined && snapshot === undefined)) {
    throw new Failure(404, fill(call.server.dialect.missingInstance, name, call.project))
  }
  const files = snapshot?.files ?? instance.files ?? { 'bin/hello': '#!/bin/sh\necho hello\n' }
  return { instance, files }
}

function findInstance({ server, project }: Call, name: string): SeededInstance | undefined {
  return server.instances.find((one) => one.name === name && (one.project ?? 'default') === project)
}

async function pack(
  call: Call,
  handle: OperationHandle,
  creation: Creation,
  instance: SeededInstance,
  files: SeededFiles,
): Promise<void> {
  const { server } = call
  const { properties = {} } = creation
  const merged = server.dialect.publishMergesProperties
    ? { ...instance.properties, ...properties }
    : properties
  const creationDate = Math.floor(Date.now() / 1000)
  const architecture = instance.architecture ?? 'x86_64'
  const expiresAt = isZeroTime(creation.expiresAt) ? instance.expiresAt : creation.expiresAt
  const expiryDate = expiresAt === undefined ? 0 : Math.floor(Date.parse(expiresAt) / 1000)
  const content = { architecture, properties: merged, creationDate, expiryDate, files }
  const incoming = await receiveInstance(call.server, content, creation)
  try {
    reportProgress(server.dialect, handle, incoming.size)
    const dates = { creationDate, expiryDate }
    const image = await recordOf(call, incoming, creation, instance, withoutEmpty(merged), dates)
    const report = { fingerprint: image.fingerprint, size: String(image.size) }
    if (server.images.get(imageKey(image.project, image.fingerprint)) !== undefined) {
      handle.setMetadata(report)
      throw new Error(`The image already exists: ${image.fingerprint}`)
    }
    await commitBlobs(image, incoming)
    await server.images.put(image)
    handle.setMetadata(report)
    // T55: cancelled too late, the image stays.
    if (handle.signal.aborted) throw new Error('Failed beginning transaction: context canceled')
    await addAliases(call, image, creation.aliases ?? [])
    await spreadImage(call, image)
    announceCreated(call, image)
  } finally {
    await discardImage(incoming)
  }
}

/** The daemons send the numbers as texts, in two places. */
function reportProgress({ packProgressStage }: Dialect, handle: OperationHandle, size: number): void {
  const stage = `create_image_from_${packProgressStage}_pack`
  handle.setMetadata({
    [`${stage}_progress`]: `Image pack: 100% (${(size / 1e6).toFixed(2)}MB/s)`,
    progress: { stage, percent: '100', speed: String(size) },
  })
}

async function recordOf(
  call: Call,
  incoming: IncomingImage,
  creation: Creation,
  instance: SeededInstance,
  properties: Record<string, string>,
  { creationDate, expiryDate }: Pick<InstanceContent, 'creationDate' | 'expiryDate'>,
): Promise<ImageRecord> {
  const { lz4 } = call.server.dialect
  const compression = detectCompression(await readHeader(incoming.archive), lz4)
  return {
    project: imagesProject(call),
    fingerprint: incoming.fingerprint,
    public: creation.public,
    autoUpdate: false,
    properties,
    profiles: ['default'],
    architecture: instance.architecture ?? 'x86_64',
    cached: false,
    filename: creation.filename,
    size: incoming.size,
    type: instance.type ?? 'container',
    createdAt: timestampOfSeconds(creationDate),
    expiresAt: expiryDate === 0 ? zeroTime : timestampOfSeconds(expiryDate),
    lastUsedAt: zeroTime,
    uploadedAt: timestampNow(),
    layout: await layoutOf(incoming, compression?.extension ?? '.tar', lz4),
  }
}
