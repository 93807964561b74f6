import process from 'node:process'

const names: Readonly<Record<string, string>> = {
  x64: 'x86_64',
  arm64: 'aarch64',
  arm: 'armv7l',
  ia32: 'i686',
  ppc64: 'ppc64le',
}

/**
 * The architecture of this machine, as the kernel and the API call it: `x86_64`.
 *
 * @example
 * ```ts
 * console.log(hostArchitecture())
 * ```
 */
export function hostArchitecture(): string {
  return names[process.arch] ?? process.arch
}
