import type { SeededInstance, SeededSnapshot } from '../../records/seeded-instance.ts'
import { renderInstance } from './render-instance.ts'

/** A snapshot as the API shows it: with the configuration that the instance had at that time. */
export function renderSnapshot(instance: SeededInstance, snapshot: SeededSnapshot): Record<string, unknown> {
  const then = snapshot.baseImage === undefined ? instance : { ...instance, baseImage: snapshot.baseImage }
  const { created_at, type: _, status: __, status_code: ___, ...shared } = renderInstance(then)
  return {
    ...shared,
    name: snapshot.name,
    created_at: snapshot.createdAt ?? created_at,
    expires_at: '0001-01-01T00:00:00Z',
    size: -1,
  }
}

export function snapshotsOf({ snapshots = [] }: SeededInstance): SeededSnapshot[] {
  return snapshots.map((one) => (typeof one === 'string' ? { name: one } : one))
}
