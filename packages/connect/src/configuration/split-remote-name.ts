import type { ClientName } from './remote.ts'

/** `incus:prod`, `prod` or `prod:` taken apart. */
export function splitRemoteName(text: string): { client: ClientName | undefined; name: string | undefined } {
  const [, client, rest = ''] = /^(?:(incus|lxc):)?(.*)$/s.exec(text) ?? []
  const name = rest.replace(/:$/, '')
  return { client: client as ClientName | undefined, name: name === '' ? undefined : name }
}
