import { hostname, userInfo } from 'node:os'

/** `user@host`, as locks name whoever holds them. */
export function describeUser(): string {
  try {
    return `${userInfo().username}@${hostname()}`
  } catch {
    // In a container the user may have no name.
    return `somebody@${hostname()}`
  }
}
