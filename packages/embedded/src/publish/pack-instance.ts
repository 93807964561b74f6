import { createTarPacker } from 'modern-tar'
import { stringify } from 'yaml'
import type { SeededFiles } from '../records/seeded-instance.ts'

export interface InstanceContent {
  architecture: string
  properties: Record<string, string>
  /** Seconds since 1970. */
  creationDate: number
  /** Seconds since 1970; 0 if there is none. */
  expiryDate: number
  files: SeededFiles
}

/** An image archive of an instance: metadata.yaml and rootfs/, uncompressed. */
export function packUnified(content: InstanceContent): ReadableStream<Uint8Array> {
  return pack(content, [metadataOf(content), ...rootfsOf(content, 'rootfs/')])
}

/** The first part of a split image: metadata.yaml alone. */
export function packMetadata(content: InstanceContent): ReadableStream<Uint8Array> {
  return pack(content, [metadataOf(content)])
}

/** The second part of a split image: the files, from the root on. */
export function packRootfs(content: InstanceContent): ReadableStream<Uint8Array> {
  return pack(content, rootfsOf(content, './'))
}

type Entry = readonly [name: string, bytes: Uint8Array]

function metadataOf(content: InstanceContent): Entry {
  const metadata = stringify({
    architecture: content.architecture,
    creation_date: content.creationDate,
    expiry_date: content.expiryDate,
    properties: content.properties,
    templates: {},
  })
  return ['metadata.yaml', Buffer.from(metadata)]
}

function rootfsOf({ files }: InstanceContent, root: string): Entry[] {
  const found = Object.entries(files).map(([path, file]): Entry => [`${root}${path}`, Buffer.from(file)])
  return [[root, new Uint8Array()], ...found]
}

function pack({ creationDate }: InstanceContent, entries: readonly Entry[]): ReadableStream<Uint8Array> {
  const { readable, controller } = createTarPacker()
  const modified = new Date(creationDate * 1000)
  const add = async ([name, bytes]: Entry): Promise<void> => {
    const type = name.endsWith('/') ? ('directory' as const) : ('file' as const)
    const writer = controller.add({ name, size: bytes.byteLength, type, mtime: modified }).getWriter()
    if (bytes.byteLength > 0) await writer.write(bytes)
    await writer.close()
  }
  const addAll = async (): Promise<void> => {
    for (const entry of entries) await add(entry)
    controller.finalize()
  }
  addAll().catch((error) => controller.error(error))
  return readable
}
