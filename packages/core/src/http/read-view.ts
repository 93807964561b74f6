import { holds, judgeCaller, type Permission, permissionsOf } from '../model/caller.ts'
import type { View } from '../model/view.ts'
import type { Identity } from '../transport/identity.ts'
import type { Answer } from './answer.ts'
import type { Call, CallOptions } from './call.ts'
import type { CallerFacts } from './read-caller.ts'
import { readProject } from './read-project.ts'
import { elsewhere, everything, hidden, lacking, someProjects } from './reduced-views.ts'
import { untrustedView } from './untrusted-view.ts'

/** Options of `client.view`. */
export interface ViewOptions extends CallOptions {
  /** Whether the view is of the images of all projects. */
  allProjects?: boolean | undefined
  /** The things of a project that the view is of. Of operations a client sees `everything` or a `part`. @default 'images' */
  of?: 'images' | 'operations' | undefined
}

/** The members of a connection that reading a view needs. */
export interface ViewSource {
  readonly project: string | undefined
  readonly transport: { readonly identity?: Identity }
  caller(options: CallOptions): Promise<{ caller: CallerFacts; now: number }>
  inAllProjects(): ViewSource
  ask(call: Call): Promise<Answer>
}

/**
 * What this client sees of a project's images or operations, as the server says at this moment.
 *
 * - A client without restrictions is shown the server's configuration, and sees everything.
 * - A client of some projects (a restricted certificate) sees everything in these, and what is public in others.
 * - A fine-grained identity (LXD 5.21 and newer) is shown its permissions. If a project has no images of its own, its permissions on
 *   `default`, which keeps them, count (tried on 5.21.7 and 6.9).
 */
export async function readView(connection: ViewSource, options: ViewOptions = {}): Promise<View> {
  const { allProjects = false, of = 'images', signal } = options
  const { caller, now } = await connection.caller({ signal })
  if (!caller.trusted) return untrustedView(caller, connection.transport.identity, now)
  const judgement = judgeCaller(caller)
  if (judgement === 'whole') return everything
  if (allProjects) return someProjects(caller)
  const project = options.project ?? connection.project ?? 'default'
  const found = await readProject(connection.inAllProjects(), project, signal)
  if (judgement !== 'some') return found === undefined ? elsewhere(caller, project) : everything
  if (found === undefined)
    return hidden(
      project,
      of === 'images' ? ['can_view_images', 'can_view_image_aliases'] : ['can_view_operations'],
    )
  if (of === 'operations')
    return holds(permissionsOf(caller), 'can_view_operations', project)
      ? everything
      : lacking('part', 'can_view_operations', project)
  return judgePermissions(permissionsOf(caller), found.keeperOf('images'))
}

function judgePermissions(permissions: readonly Permission[], project: string): View {
  if (!holds(permissions, 'can_view_images', project)) return lacking('part', 'can_view_images', project)
  return holds(permissions, 'can_view_image_aliases', project)
    ? everything
    : lacking('images', 'can_view_image_aliases', project)
}
