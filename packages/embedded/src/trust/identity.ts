import { createSelfSignedCertificate } from '@hyperkit/connect'
import type { Store } from '../store/store.ts'

/** The server's own key and certificate. */
export interface Identity {
  key: string
  certificate: string
  fingerprint: string
}

/** Stored, so that a reopened server still has the certificate that its clients pinned. */
export async function loadIdentity(store: Store, commonName: string): Promise<Identity> {
  const known = (await store.readRecords('server')).get('identity') as Identity | undefined
  if (known !== undefined) return known
  const fresh = await createSelfSignedCertificate({ commonName })
  await store.writeRecord('server', 'identity', fresh)
  return fresh
}
