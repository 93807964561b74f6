import type { Caller } from '../model/caller.ts'
import type { View } from '../model/view.ts'

export const everything: View = { sees: 'everything', reason: '', remedy: '', stranger: false }

/** A fine-grained identity without an entitlement. */
export function lacking(sees: View['sees'], entitlement: string, project: string): View {
  return {
    ...everything,
    sees,
    reason: `this client lacks the entitlement "${entitlement}" on project "${project}"`,
    remedy: `grant it to a group of its identity: "lxc auth group permission add GROUP project ${project} ${entitlement}"`,
  }
}

/** A fine-grained identity that may not do something for which Hyperkit does not know the entitlement. */
export const forbidden: View = {
  ...everything,
  sees: 'part',
  reason: "no group of this client's identity allows that",
  remedy: 'grant one of them the permission: "lxc auth group permission add"',
}

export function someProjects({ kind }: Caller): View {
  return {
    ...everything,
    sees: 'part',
    reason: 'this client may not see all projects',
    remedy: `ask for one project, or have the restriction of this client lifted: "${toolOf(kind)} config trust"`,
  }
}

/** A restricted certificate outside its projects. */
export function elsewhere({ kind }: Caller, project: string): View {
  return {
    ...everything,
    sees: 'public',
    reason: `this client may not use project "${project}", if that exists: it is restricted to other projects`,
    remedy: `choose one of its projects, or have the restriction changed: "${toolOf(kind)} config trust edit"`,
  }
}

/**
 * A fine-grained identity in a project that it may not view.
 *
 * @param entitlements that it needs there, besides `can_view`
 */
export function hidden(project: string, entitlements: readonly string[]): View {
  const needed = ['can_view', ...entitlements].map((name) => `"${name}"`)
  return {
    ...everything,
    sees: 'part',
    reason: `this client may not view project "${project}", if that exists`,
    remedy: `choose another, or grant ${needed.join(' and ')} there to a group of its identity: "lxc auth group permission add GROUP project ${project} can_view"`,
  }
}

function toolOf(kind: Caller['kind']): string {
  return kind === 'lxd' ? 'lxc' : 'incus'
}
