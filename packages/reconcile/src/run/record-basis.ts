import { dirname, relative, resolve } from 'node:path'
import process from 'node:process'
import type { Seen } from '../documents/saved-plan.ts'
import type { ManifestPlan } from '../plan/plan-file/manifest-plan.ts'
import { recordContents, recordSeen } from '../plan/plan-file/record-seen.ts'
import type { PlanChoice, PreparedPlan } from './preparing.ts'

/** Adds to a plan everything that it is based on. */
export function recordBasis(
  { plan, manifest, desired, observed }: Pick<PreparedPlan, 'plan' | 'manifest' | 'desired' | 'observed'>,
  { targets, republish = [], servers, frozen }: PlanChoice,
): ManifestPlan {
  return {
    ...plan,
    seen: {
      paths: [...manifest.paths],
      files: manifest.files.map(({ file, sha256 }) => ({ file, sha256 })),
      targets: [...targets],
      ...(republish.length === 0 ? {} : { republish: [...republish] }),
      only: [...servers],
      ...(frozen ? { frozen: true as const } : {}),
      contents: recordContents(desired),
      servers: recordSeen(desired, observed, plan),
    },
  }
}

/** What a plan is based on, with its paths made relative to another folder. */
export function moveBasis(seen: Seen, move: (path: string) => string): Seen {
  return {
    ...seen,
    paths: seen.paths.map(move),
    files: seen.files.map(({ file, sha256 }) => ({ file: move(file), sha256 })),
  }
}

/** Turns paths relative to the working directory into paths relative to the folder of a plan file. */
export function towards(planFile: string): (path: string) => string {
  const folder = dirname(resolve(planFile))
  return (path) => relative(folder, resolve(path)) || '.'
}

/** Turns paths relative to the folder of a plan file into paths relative to the working directory. */
export function backFrom(planFile: string): (path: string) => string {
  const folder = dirname(resolve(planFile))
  return (path) => relative(process.cwd(), resolve(folder, path)) || '.'
}
