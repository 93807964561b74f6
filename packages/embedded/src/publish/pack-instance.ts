import { spawn } from 'node:child_process'
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { createTarPacker } from 'modern-tar'
import { stringify } from 'yaml'
import type { SeededFiles } from '../handlers/instances/seeded-instance.ts'

export interface InstanceContent {
  architecture: string
  properties: Record<string, string>
  /** Seconds since 1970. */
  creationDate: number
  /** Seconds since 1970; 0: none. */
  expiryDate: number
  files: SeededFiles
}

/** An image archive of an instance: metadata.yaml and rootfs/, uncompressed. */
export function packInstance(content: InstanceContent): ReadableStream<Uint8Array> {
  const { readable, controller } = createTarPacker()
  const metadata = stringify({
    architecture: content.architecture,
    creation_date: content.creationDate,
    expiry_date: content.expiryDate,
    properties: content.properties,
    templates: {},
  })
  const modified = new Date(content.creationDate * 1000)
  const add = async (name: string, bytes: Uint8Array): Promise<void> => {
    const type = name.endsWith('/') ? ('directory' as const) : ('file' as const)
    const writer = controller.add({ name, size: bytes.byteLength, type, mtime: modified }).getWriter()
    if (bytes.byteLength > 0) await writer.write(bytes)
    await writer.close()
  }
  const pack = async (): Promise<void> => {
    await add('metadata.yaml', Buffer.from(metadata))
    await add('rootfs/', new Uint8Array())
    for (const [path, file] of Object.entries(content.files)) await add(`rootfs/${path}`, Buffer.from(file))
    controller.finalize()
  }
  pack().catch((error) => controller.error(error))
  return readable
}

/** The names that `compression_algorithm` may have, and the programs behind them; gzip is built in. */
const programs: Readonly<Record<string, readonly string[]>> = {
  none: [],
  gzip: [],
  bzip2: ['bzip2', '-c'],
  xz: ['xz', '-c'],
  zstd: ['zstd', '-c'],
  lzma: ['xz', '--format=lzma', '-c'],
}

/** Whether a compression, with or without arguments, is one that this server has. */
export function isCompression(text: string): boolean {
  return Object.hasOwn(programs, text.split(' ')[0] ?? '')
}

/** @param compression such as `xz -9` */
export async function* compress(
  tar: AsyncIterable<Uint8Array>,
  compression: string,
): AsyncGenerator<Uint8Array> {
  const [name = '', ...args] = compression.split(' ').filter(Boolean)
  if (name === 'none') return yield* tar
  if (name === 'gzip') {
    const level = Number(args[0]?.slice(1) ?? 6)
    const output = createGzip({ level: Number.isInteger(level) ? level : 6 })
    return yield* Readable.from(tar).pipe(output)
  }
  const [program = name, ...fixed] = programs[name] ?? []
  const child = spawn(program, [...fixed, ...args], { stdio: ['pipe', 'pipe', 'ignore'] })
  const failed = new Promise<never>((_resolve, reject) => child.once('error', reject))
  failed.catch(() => {})
  child.stdin.on('error', () => {})
  Readable.from(tar).pipe(child.stdin)
  const chunks = child.stdout[Symbol.asyncIterator]()
  for (;;) {
    const step = await Promise.race([chunks.next(), failed])
    if (step.done === true) return
    yield step.value as Uint8Array
  }
}
