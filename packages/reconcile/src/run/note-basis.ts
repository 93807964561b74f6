import { dirname, relative, resolve } from 'node:path'
import process from 'node:process'
import type { Seen } from '../documents/saved-plan.ts'
import type { ManifestPlan } from '../plan/plan-file/manifest-plan.ts'
import { recordContents, recordSeen } from '../plan/plan-file/record-seen.ts'
import type { PlanChoice, PreparedPlan } from './prepare-plan.ts'

/** A plan with all that it rests on. */
export function noteBasis(
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

/** What a plan rests on, with paths as they are written from another folder. */
export function moveBasis(seen: Seen, move: (path: string) => string): Seen {
  return {
    ...seen,
    paths: seen.paths.map(move),
    files: seen.files.map(({ file, sha256 }) => ({ file: move(file), sha256 })),
  }
}

/** From the working directory to the folder of a plan's file. */
export function towards(planFile: string): (path: string) => string {
  const folder = dirname(resolve(planFile))
  return (path) => relative(folder, resolve(path)) || '.'
}

/** Back from there. */
export function backFrom(planFile: string): (path: string) => string {
  const folder = dirname(resolve(planFile))
  return (path) => relative(process.cwd(), resolve(folder, path)) || '.'
}
