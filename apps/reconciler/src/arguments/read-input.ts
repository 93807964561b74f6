import type { PlanInput } from '@hyperkit/reconcile/parts'

/** What names the manifest on a command line. */
export interface NamedManifest {
  manifest?: string | undefined
  file: readonly string[]
}

/** What selects parts of a manifest on a command line. */
export interface SelectedParts extends NamedManifest {
  target: readonly string[]
  server: readonly string[]
  frozen: boolean
  republish?: readonly string[]
}

/** `images.yaml` unless something is named. */
export function readPaths({ manifest, file }: NamedManifest): string[] {
  const named = manifest === undefined ? [...file] : [manifest, ...file]
  return named.length === 0 ? ['images.yaml'] : named
}

export function readInput(parts: SelectedParts): PlanInput {
  const { target, server, frozen, republish = [] } = parts
  return {
    paths: readPaths(parts),
    targets: [...new Set(target)],
    servers: [...new Set(server)],
    frozen,
    republish: [...new Set(republish)],
  }
}
