import * as v from 'valibot'
import { isHyperkitError } from '../errors/hyperkit-error.ts'
import { type Caller, holds, judgeCaller, type Permission } from '../model/caller.ts'
import type { View } from '../model/view.ts'
import type { Identity } from '../transport/identity.ts'
import type { Answer } from './answer.ts'
import type { Call, CallOptions } from './call.ts'
import type { CallerFacts } from './read-caller.ts'
import { untrustedView } from './untrusted-view.ts'

/** Options of `client.view`. */
export interface ViewOptions extends CallOptions {
  /** What is seen of the images of all projects. */
  allProjects?: boolean | undefined
}

/** What is needed of a connection. */
export interface ViewSource {
  readonly project: string | undefined
  readonly transport: { readonly identity?: Identity }
  caller(options: CallOptions): Promise<{ caller: CallerFacts; now: number }>
  inAllProjects(): ViewSource
  ask(call: Call): Promise<Answer>
}

const everything: View = { sees: 'everything', reason: '', remedy: '', stranger: false }

/**
 * What this client sees of a project's images, as the server says at this moment.
 *
 * - a client that may do everything is shown the server's configuration, and sees everything
 * - a client of some projects (a restricted certificate) is shown these, and sees all of them; of others it sees what is public
 * - a fine-grained one (LXD 5.21 and newer) is told its permissions; where a project has no images of its own, those on
 *   `default` count, which keeps them (tried on 5.21.7 and 6.9)
 */
export async function readView(connection: ViewSource, options: ViewOptions = {}): Promise<View> {
  const { allProjects = false, signal } = options
  const { caller, now } = await connection.caller({ signal })
  if (!caller.trusted) return untrustedView(caller, connection.transport.identity, now)
  const judgement = judgeCaller(caller)
  if (judgement === 'whole') return everything
  if (allProjects) return someProjects(caller)
  const project = options.project ?? connection.project ?? 'default'
  const found = await readProject(connection, project, signal)
  if (judgement !== 'some') return found === undefined ? elsewhere(caller, project) : everything
  if (found === undefined) return hidden(project)
  return judgePermissions(caller.identity?.permissions ?? [], found.keptIn)
}

const projectSchema = v.looseObject({ config: v.nullish(v.record(v.string(), v.unknown())) })

/** Undefined where the server does not show it, or there is none. */
async function readProject(
  connection: ViewSource,
  project: string,
  signal: AbortSignal | undefined,
): Promise<{ keptIn: string } | undefined> {
  try {
    const { metadata } = await connection.inAllProjects().ask({
      method: 'GET',
      path: `/1.0/projects/${encodeURIComponent(project)}`,
      action: `see what this client may in project "${project}"`,
      signal,
      plain: true,
    })
    const read = v.safeParse(projectSchema, metadata)
    const hasOwn = read.success && read.output.config?.['features.images'] === 'true'
    return { keptIn: hasOwn ? project : 'default' }
  } catch (error) {
    if (isHyperkitError(error, 'not-authorized') || isHyperkitError(error, 'not-found')) return undefined
    throw error
  }
}

function judgePermissions(permissions: readonly Permission[], project: string): View {
  const lacking = (sees: View['sees'], entitlement: string): View => ({
    ...everything,
    sees,
    reason: `this client lacks the entitlement "${entitlement}" on project "${project}"`,
    remedy: `have a group of its identity given it: "lxc auth group permission add GROUP project ${project} ${entitlement}"`,
  })
  if (!holds(permissions, 'can_view_images', project)) return lacking('part', 'can_view_images')
  return holds(permissions, 'can_view_image_aliases', project)
    ? everything
    : lacking('images', 'can_view_image_aliases')
}

function someProjects({ kind }: Caller): View {
  return {
    ...everything,
    sees: 'part',
    reason: 'this client may not see all projects',
    remedy: `ask for one project, or have the client unrestricted: "${toolOf(kind)} config trust"`,
  }
}

function elsewhere({ kind }: Caller, project: string): View {
  return {
    ...everything,
    sees: 'public',
    reason: `this client may not use project "${project}", if there is one: it is restricted to others`,
    remedy: `name one of its projects, or have it changed: "${toolOf(kind)} config trust edit"`,
  }
}

function hidden(project: string): View {
  return {
    ...everything,
    sees: 'part',
    reason: `this client may not view project "${project}", if there is one`,
    remedy: `name another, or have a group of its identity given "can_view", "can_view_images" and "can_view_image_aliases" there: "lxc auth group permission add GROUP project ${project} can_view"`,
  }
}

function toolOf(kind: Caller['kind']): string {
  return kind === 'lxd' ? 'lxc' : 'incus'
}
