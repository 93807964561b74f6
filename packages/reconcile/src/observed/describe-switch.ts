import type { AddressSwitch } from '@hyperkit/connect'

/** Says that the requests to a server of the manifest go on through another of its addresses. */
export function describeSwitch(server: string, { from, to, why, reason }: AddressSwitch): string {
  return why === 'preferred'
    ? `${server}: "${to}" answers again, and is used instead of "${from}"`
    : `${server}: "${from}" does not answer (${reason}); went on through "${to}"`
}
