/** A hash that takes its input piece by piece, such as `createHash('sha256')` of `node:crypto`. */
export interface ByteHash {
  /** Adds the next bytes, and does not keep them. */
  update(bytes: Uint8Array): unknown
  /** The hash in lower-case hex; to be called once. */
  digest(encoding: 'hex'): string
}

/**
 * SHA-256 in plain JavaScript, piece by piece, because WebCrypto hashes only what is in memory as a whole. The hash of a runtime is
 * about ten times as fast; pass that to options that accept one.
 *
 * @example
 * ```ts
 * const hash = createSha256()
 * hash.update(new TextEncoder().encode('metadata'))
 * hash.update(new TextEncoder().encode('rootfs'))
 * console.log(hash.digest('hex'))
 * ```
 */
export function createSha256(): ByteHash {
  const state = new Int32Array(initial)
  const schedule = new Int32Array(64)
  const rest = new Uint8Array(64)
  let held = 0
  let length = 0
  const update = (bytes: Uint8Array): void => {
    length += bytes.byteLength
    let at = 0
    if (held > 0) {
      at = Math.min(64 - held, bytes.byteLength)
      rest.set(bytes.subarray(0, at), held)
      held += at
      if (held < 64) return
      compress(state, schedule, rest, 0)
    }
    for (; at + 64 <= bytes.byteLength; at += 64) compress(state, schedule, bytes, at)
    held = bytes.byteLength - at
    rest.set(bytes.subarray(at))
  }
  return {
    update,
    digest() {
      const bits = length * 8
      const padding = new Uint8Array(held < 56 ? 64 - held : 128 - held)
      padding[0] = 0x80
      const tail = new DataView(padding.buffer)
      tail.setUint32(padding.byteLength - 8, Math.floor(bits / 2 ** 32))
      tail.setUint32(padding.byteLength - 4, bits >>> 0)
      update(padding)
      return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
    },
  }
}

const primes = [2]
for (let number = 3; primes.length < 64; number += 2)
  if (primes.every((prime) => number % prime !== 0)) primes.push(number)

/** The first 32 bits of the fractional part. */
function fraction(value: number): number {
  return ((value % 1) * 2 ** 32) | 0
}

// FIPS 180-4, 4.2.2 and 5.3.3: from the roots of the first primes.
const constants = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)))
const initial = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)))

/** One block of 64 bytes: FIPS 180-4, 6.2.2. */
function compress(state: Int32Array, w: Int32Array, bytes: Uint8Array, offset: number): void {
  for (let t = 0, at = offset; t < 16; t++, at += 4) {
    w[t] =
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)
  }
  for (let t = 16; t < 64; t++) {
    const x = w[t - 15] as number
    const y = w[t - 2] as number
    const sigma0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const sigma1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    w[t] = ((w[t - 16] as number) + sigma0 + (w[t - 7] as number) + sigma1) | 0
  }
  // Read by index: a destructuring pattern would use an iterator for each block.
  const words = state as unknown as Words
  let a = words[0]
  let b = words[1]
  let c = words[2]
  let d = words[3]
  let e = words[4]
  let f = words[5]
  let g = words[6]
  let h = words[7]
  for (let t = 0; t < 64; t++) {
    const sum1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const one = (h + sum1 + ((e & f) ^ (~e & g)) + (constants[t] as number) + (w[t] as number)) | 0
    const sum0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const two = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + one) | 0
    d = c
    c = b
    b = a
    a = (one + two) | 0
  }
  words[0] = (words[0] + a) | 0
  words[1] = (words[1] + b) | 0
  words[2] = (words[2] + c) | 0
  words[3] = (words[3] + d) | 0
  words[4] = (words[4] + e) | 0
  words[5] = (words[5] + f) | 0
  words[6] = (words[6] + g) | 0
  words[7] = (words[7] + h) | 0
}

type Words = [number, number, number, number, number, number, number, number]
