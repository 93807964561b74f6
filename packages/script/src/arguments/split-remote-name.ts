import { nearestName } from '@hyperkit/terminal/text'
import { UsageError } from './usage-error.ts'

/** A reference to something on a server: `remote:name`. */
export interface RemoteName {
  /** Undefined for the remote of `--remote`, or the default one. */
  remote: string | undefined
  name: string
}

/**
 * Splits `prod:alpine`, `alpine`, `prod:` or `incus:local:alpine` at the first colon, as `incus` and `lxc` do. A first part
 * that is not a remote belongs to the name if it has a slash.
 *
 * @throws UsageError no such remote
 *
 * @example
 * ```ts
 * console.log(splitRemoteName('prod:alpine', ['prod'])) // { remote: 'prod', name: 'alpine' }
 * ```
 */
export function splitRemoteName(text: string, remotes: readonly string[]): RemoteName {
  const at = text.indexOf(':')
  if (at === -1) return { remote: undefined, name: text }
  const [remote, name] = [text.slice(0, at), text.slice(at + 1)]
  if (remote === '') return { remote: undefined, name }
  if (remotes.includes(remote)) return { remote, name }
  const [, ofClient, rest] = /^((?:incus|lxc):[^:]+):(.*)$/s.exec(text) ?? []
  if (ofClient !== undefined) return { remote: ofClient, name: rest ?? '' }
  if (remote.includes('/')) return { remote: undefined, name: text }
  const near = nearestName(remote, remotes)
  const hint =
    near === undefined
      ? `known remotes: ${[...new Set(remotes)].join(', ') || 'none'}`
      : `did you mean "${near}:${name}"?`
  throw new UsageError(`there is no remote ${JSON.stringify(remote)}; ${hint}`)
}
