import type { PlanInput } from '@hyperkit/reconcile/parts'

/** The arguments that name the manifest. */
export interface NamedManifest {
  manifest?: string | undefined
  file: readonly string[]
}

/** The arguments that select parts of a manifest. */
export interface SelectedParts extends NamedManifest {
  target: readonly string[]
  server: readonly string[]
  frozen: boolean
  republish?: readonly string[]
}

/** The paths of the manifest: `images.yaml` if none is named. */
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
