import { spawn } from 'node:child_process'
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'

/** The programs for the values of `compression_algorithm`; gzip is built in. */
const programs: Readonly<Record<string, readonly string[]>> = {
  none: [],
  gzip: [],
  bzip2: ['bzip2', '-c'],
  xz: ['xz', '-c'],
  zstd: ['zstd', '-c'],
  lzma: ['xz', '--format=lzma', '-c'],
  pigz: ['pigz', '-c'],
  pzstd: ['pzstd', '-c'],
  lz4: ['lz4', '-c'],
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

/** Whether this server knows the compression. A real server knows those whose programs it finds. */
export const isKnown = (name: string): boolean => Object.hasOwn(programs, name)
