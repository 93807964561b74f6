import * as v from 'valibot'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import type { Answer } from './answer.ts'
import type { Call } from './call.ts'

/** A project, as far as it says whose things it has. */
export interface ProjectFeatures {
  /** Which project keeps its images or profiles: itself, or `default`. */
  keeperOf(things: 'images' | 'profiles'): string
}

const projectSchema = v.looseObject({ config: v.nullish(v.record(v.string(), v.unknown())) })

/** Undefined where the server does not show it, or there is none. */
export async function readProject(
  connection: { ask(call: Call): Promise<Answer> },
  project: string,
  signal: AbortSignal | undefined,
): Promise<ProjectFeatures | undefined> {
  try {
    const { metadata } = await connection.ask({
      method: 'GET',
      path: `/1.0/projects/${encodeURIComponent(project)}`,
      action: `see what this client may in project "${project}"`,
      signal,
      plain: true,
    })
    const read = v.safeParse(projectSchema, metadata)
    const config = read.success ? read.output.config : undefined
    return { keeperOf: (things) => (config?.[`features.${things}`] === 'true' ? project : 'default') }
  } catch (error) {
    if (isHyperkitError(error, 'not-authorized') || isHyperkitError(error, 'not-found')) return undefined
    throw error
  }
}
