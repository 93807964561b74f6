import { shortFingerprint } from '../model/short-fingerprint.ts'
import type { View } from '../model/view.ts'
import { readValidity } from '../tokens/read-validity.ts'
import type { Identity } from '../transport/identity.ts'
import type { CallerFacts } from './read-caller.ts'

/**
 * What an untrusted client sees, and why it is not trusted, which servers do not say.
 *
 * @param now by the server's clock, in milliseconds since 1970
 */
export async function untrustedView(
  { kind, certificateShown }: CallerFacts,
  identity: Identity | undefined,
  now: number,
): Promise<View> {
  const view = (reason: string, remedy: string, stranger = false): View => ({
    sees: 'public',
    reason: stranger ? reason : `the server does not trust this client: ${reason}`,
    remedy,
    stranger,
  })
  const tool = kind === 'lxd' ? 'lxc' : 'incus'
  const enrol = `enrol with a token that "${tool} config trust add" creates there`
  if (identity?.kind === 'stranger')
    return view(
      'this client presents no certificate, and untrusted clients see only public images',
      `give it a client certificate, and ${enrol}`,
      true,
    )
  const validity = identity?.kind === 'certificate' ? await readValidity(identity.certificate) : undefined
  if (validity === undefined) return view('its identity is unknown there', enrol)
  const { fingerprint, from, to } = validity
  const named = `its certificate ${shortFingerprint(fingerprint)}`
  const day = (date: Date): string => date.toISOString().slice(0, 10)
  if (now > to.getTime()) return view(`${named} expired on ${day(to)}`, `make a new one, and ${enrol}`)
  if (now < from.getTime())
    return view(
      `${named} is not valid before ${day(from)}, and the clock of the server says ${day(new Date(now))}`,
      'correct the clock that is wrong',
    )
  if (certificateShown === false)
    return view(
      `${named} did not reach the server`,
      'look for a proxy in between that ends TLS: it presents its own certificate, or none',
    )
  return view(`${named} is not in its trust store`, enrol)
}
