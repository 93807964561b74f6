import { architectureName } from '../simplestreams/architecture-names.ts'

/** An architecture as registries name it (`GOARCH`), and its variants in the order in which servers prefer them. */
export interface Platform {
  architecture: string
  variants: readonly string[]
}

/** By the kernel's names. Of a kernel that is not listed, the name is the same in registries. */
const platforms: Readonly<Record<string, Platform>> = {
  i686: { architecture: '386', variants: [''] },
  x86_64: { architecture: 'amd64', variants: [''] },
  armv6l: { architecture: 'arm', variants: ['v6', 'v5', ''] },
  armv7l: { architecture: 'arm', variants: ['v7', 'v6', 'v5', ''] },
  armv8l: { architecture: 'arm', variants: ['v8', 'v7', 'v6', 'v5', ''] },
  aarch64: { architecture: 'arm64', variants: ['v8', ''] },
  loongarch64: { architecture: 'loong64', variants: [''] },
  mips: { architecture: 'mipsle', variants: [''] },
  mips64: { architecture: 'mips64le', variants: [''] },
}

/** @param architecture `x86_64` or `amd64` */
export function platformOf(architecture: string): Platform {
  const kernel = architectureName(architecture) ?? architecture
  return platforms[kernel] ?? { architecture: kernel, variants: [''] }
}

/** `x86_64` for `amd64`, and `arm/v7` for one with a variant, for people; names that servers do not know stay as they are. */
export function kernelName(architecture: string, variant = ''): string {
  const kernel = architectureName(architecture) ?? architecture
  return architecture === 'arm' && variant !== '' ? `arm/${variant}` : kernel
}
