/**
 * How a run ended as a whole: `pending`: changes are left because they are only looked for; `refused`: the plan was one
 * that must not be done.
 */
export const runResults = ['unchanged', 'changed', 'pending', 'refused', 'failed', 'interrupted'] as const
export type RunResult = (typeof runResults)[number]
