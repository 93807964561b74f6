/** What is done when a member dies. */
export const works = ['apply', 'prune', 'copy', 'watch'] as const

export type Work = (typeof works)[number]
