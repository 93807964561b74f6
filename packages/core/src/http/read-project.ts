import * as v from 'valibot'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { keeperOf } from '../model/project-features.ts'
import type { Answer } from './answer.ts'
import type { Call } from './call.ts'

/** A project, and whose images and profiles it uses. */
export interface ProjectFeatures {
  /** Which project keeps its images or profiles: itself, or `default`. */
  keeperOf(things: 'images' | 'profiles'): string
}

const projectSchema = v.looseObject({ config: v.nullish(v.record(v.string(), v.unknown())) })

/** Reads a project; undefined if the server does not show it or it does not exist. */
export async function readProject(
  connection: { ask(call: Call): Promise<Answer> },
  project: string,
  signal: AbortSignal | undefined,
): Promise<ProjectFeatures | undefined> {
  try {
    const { metadata } = await connection.ask({
      method: 'GET',
      path: `/1.0/projects/${encodeURIComponent(project)}`,
      action: `read what this client may do in project "${project}"`,
      signal,
      plain: true,
    })
    const read = v.safeParse(projectSchema, metadata)
    const config = read.success ? read.output.config : undefined
    return { keeperOf: (things) => keeperOf(things, project, config) }
  } catch (error) {
    if (isHyperkitError(error, 'not-authorized') || isHyperkitError(error, 'not-found')) return undefined
    throw error
  }
}
