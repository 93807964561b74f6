import type { View } from '../model/view.ts'

/**
 * What "not found" means for a client with this view. If the view is reduced, the thing may exist nevertheless, unless the client
 * is a stranger on purpose.
 */
export function absence(view: View): { code: 'not-found' | 'not-authorized'; why: string } {
  if (view.sees === 'everything') return { code: 'not-found', why: '' }
  if (view.stranger) return { code: 'not-found', why: `; ${view.reason}` }
  return {
    code: 'not-authorized',
    why: `, but it may exist and be hidden from this client: ${view.reason}; ${view.remedy}`,
  }
}
