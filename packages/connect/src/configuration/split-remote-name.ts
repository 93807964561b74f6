import type { ClientName } from './remote.ts'

/** Splits `incus:prod`, `prod` or `prod:` into client and name. */
export function splitRemoteName(text: string): { client: ClientName | undefined; name: string | undefined } {
  const [, client, rest = ''] = /^(?:(incus|lxc):)?(.*)$/s.exec(text) ?? []
  const name = rest.replace(/:$/, '')
  return { client: client as ClientName | undefined, name: name === '' ? undefined : name }
}
