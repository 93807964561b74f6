import type { AddressSwitch } from '@hyperkit/connect'

/** Says that the requests to a server of the manifest go on through another of its addresses, or that one of them is refused. */
export function describeSwitch(server: string, { from, to, why, reason }: AddressSwitch): string {
  const sentences = {
    preferred: `"${to}" answers again, and is used instead of "${from}"`,
    'no-answer': `"${from}" does not answer (${reason}); went on through "${to}"`,
    refused: `went on through "${to}" without "${from}": ${reason}`,
  }
  return `${server}: ${sentences[why]}`
}
