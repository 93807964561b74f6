// The names that servers know (Incus 7.3, shared/osarch); they skip images for any other architecture.
const others: Readonly<Record<string, readonly string[]>> = {
  i686: ['i386', 'i586', '386', 'x86', 'generic_32'],
  x86_64: ['amd64', 'generic_64', 'x86_64_v1', 'x86_64_v2', 'x86_64_v3', 'x86_64_v4'],
  armv6l: ['armel', 'arm'],
  armv7l: ['armhf', 'armhfp', 'armv7a_hardfp', 'armv7', 'armv7a_vfpv3_hardfp'],
  armv8l: [],
  aarch64: ['arm64', 'arm64_generic'],
  ppc: ['powerpc'],
  ppc64: ['powerpc64'],
  ppc64le: ['ppc64el'],
  s390x: [],
  mips: ['mipsel', 'mipsle'],
  mips64: ['mips64el', 'mips64le'],
  riscv32: [],
  riscv64: [],
  loongarch64: ['loong64'],
}

/** The kernel's name of an architecture: `x86_64` for `amd64`; undefined if servers do not know it. */
export function architectureName(name: string): string | undefined {
  if (Object.hasOwn(others, name)) return name
  return Object.keys(others).find((kernel) => others[kernel]?.includes(name))
}
