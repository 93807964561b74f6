import type { View } from '../model/view.ts'

/**
 * What follows from "not found" for a client that sees this much: for a reduced view nothing, unless nothing else was asked
 * for.
 */
export function absence(view: View): { code: 'not-found' | 'not-authorized'; why: string } {
  if (view.sees === 'everything') return { code: 'not-found', why: '' }
  if (view.stranger) return { code: 'not-found', why: `; ${view.reason}` }
  return {
    code: 'not-authorized',
    why: `, which does not mean that it is not there: ${view.reason}; ${view.remedy}`,
  }
}
