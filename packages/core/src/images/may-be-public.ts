import * as v from 'valibot'
import { UnsupportedError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import type { Answer } from '../http/answer.ts'
import type { Call, CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { keeperOf } from '../model/project-features.ts'
import type { ServerInfo } from '../model/server-info.ts'
import { rulesOf } from '../model/server-rules.ts'

/** A project that images go to, and how to read it. */
export interface ImagePlace {
  server: ServerInfo
  project: string | undefined
  signal: AbortSignal | undefined
  ask(call: Call): Promise<Answer>
}

const answered = v.looseObject({ config: v.nullish(v.record(v.string(), v.unknown())) })

/**
 * Whether images of a project can be public, as far as is known. LXD 6.8 and newer allow public images in `default` only; a project
 * without images of its own uses those of `default`.
 */
export async function mayBePublic({ server, project, signal, ask }: ImagePlace): Promise<boolean> {
  if (!rulesOf(server).publicOnlyInDefault || project === undefined || project === 'default') return true
  const path = `/1.0/projects/${encodeURIComponent(project)}`
  try {
    const { metadata } = await ask({ method: 'GET', path, action: `read project "${project}"`, signal })
    const read = v.safeParse(answered, metadata)
    return !read.success || keeperOf('images', project, read.output.config) === 'default'
  } catch (error) {
    // A client may work in a project without being allowed to view it. Then the server decides.
    if (isHyperkitError(error, 'not-authorized') || isHyperkitError(error, 'not-found')) return true
    throw error
  }
}

/**
 * Refuses a public image that the server would refuse, because the server does so only after the last byte of an upload (T59).
 *
 * @param what such as `upload image "x" to`
 * @throws {UnsupportedError}
 */
export async function checkPublic(
  connection: Connection,
  isPublic: boolean | undefined,
  what: string,
  call: CallOptions,
): Promise<void> {
  if (!isPublic || !(await refusesPublic(connection, call))) return
  throw notPublic(`${what} "${connection.name}"`, connection.name, call.project ?? connection.project)
}

/** Whether an image of this call's project cannot be public. */
export async function refusesPublic(connection: Connection, call: CallOptions): Promise<boolean> {
  const server = await connection.server(call)
  const project = call.project ?? connection.project
  const ask = (one: Call): Promise<Answer> => connection.ask(one)
  return !(await mayBePublic({ server, project, signal: call.signal, ask }))
}

/** @param what such as `upload image "x" to "prod"` */
export function notPublic(what: string, server: string, project: string | undefined): UnsupportedError {
  return new UnsupportedError(
    `Cannot ${what}: it would be public, and LXD 6.8 and newer allow public images in project "default" only, not in ${JSON.stringify(project)}; make it private ("public: false"), or use project "default"`,
    { server },
  )
}
