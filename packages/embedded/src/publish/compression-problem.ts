import type { Dialect } from '../dialect/dialect.ts'
import { fill } from '../dialect/fill.ts'
import { isKnown } from './compress.ts'

/** The dialect's error for a `compression_algorithm` such as `xz -9`, if it is invalid. */
export function compressionProblem(dialect: Dialect, text: string): string | undefined {
  const [name = '', ...args] = text.split(' ').filter(Boolean)
  if (name === '') return undefined
  if (!isKnown(name)) return fill(dialect.unknownCompression, name)
  if (dialect.compressionArguments === 'free') return undefined
  // T46.
  const bad = args.find((arg) => !/^-[1-9]$|^--rsyncable$/.test(arg))
  return bad === undefined ? undefined : `Compression algorithm argument "${bad}" isn't allowed`
}
