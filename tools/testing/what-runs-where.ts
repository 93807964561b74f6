import { type ServerVersion, serverVersions, type TargetName } from '@hyperkit/conformance'
import type { RuntimeName } from './runtimes.ts'

const bun: readonly RuntimeName[] = ['bun']
const deno: readonly RuntimeName[] = ['deno']
const withBun: readonly RuntimeName[] = ['node', 'bun']
const withDeno: readonly RuntimeName[] = ['node', 'deno']
const node: readonly RuntimeName[] = ['node']
const everywhere: readonly RuntimeName[] = ['node', 'bun', 'deno']

/**
 * The runtimes on which the cases run for each server, in the order of the columns of docs/conformance.md. Node is tested with every real
 * server, Bun with the oldest and Deno with the newest too, and each version of the embedded server on one runtime, so that CI ends in time
 * on a slow machine. CONTRIBUTING.md has the same table.
 */
export const casesRunOn: Partial<Record<TargetName, readonly RuntimeName[]>> = {
  'lxd-5.0': withBun,
  'lxd-5.0.3': node,
  'incus-6.0': node,
  'incus-7.0': withDeno,
  'lxd-5.0.3-cluster': node,
  'incus-7.0-cluster': node,
  'embedded lxd-5.0': deno,
  'embedded lxd-5.0.3': bun,
  'embedded lxd-5.21': node,
  'embedded lxd-6.9': node,
  'embedded lxd-main': node,
  'embedded incus-6.0': bun,
  'embedded incus-7.0': node,
  'embedded incus-7.0-cluster': everywhere,
  'embedded lxd-6.9-cluster': node,
}

/** The cases that run on each of the other releases of Node, which `tools/testing/nodes.ts` lists; no other tests run on those. */
export const casesOnOtherNodes: readonly TargetName[] = ['embedded incus-7.0']

/** The LXD and the Incus for tests that ask for a kind but no version; the versions that most people run are among them. */
export const kindsOn: Record<RuntimeName, readonly ServerVersion[]> = {
  node: ['lxd-5.0', 'incus-6.0'],
  bun: ['lxd-5.0', 'incus-7.0'],
  deno: ['lxd-5.0', 'incus-7.0'],
}

/** The tests on real clusters, which run on Node only: what a cluster does is the same for each runtime. */
export const clusterTests = '**/*.cluster.test.ts'

export const targetNames = Object.keys(casesRunOn) as TargetName[]

export const caseFile = (name: TargetName): string =>
  `packages/conformance/test/${name.replace(' ', '-')}.test.ts`

export function listTargets(runtime: RuntimeName): TargetName[] {
  return targetNames.filter((name) => casesRunOn[name]?.includes(runtime))
}

/** The real servers that a runtime's tests share; those of `kindsOn` come first, because a test of a kind uses the first two of it. */
export function listServers(runtime: RuntimeName): ServerVersion[] {
  const real = serverVersions.filter((version) => listTargets(runtime).includes(version))
  return [...new Set([...kindsOn[runtime], ...real])]
}
