/**
 * The commands of `hyperkit-reconcile` as a table: name, description, and the module whose default export is the script.
 *
 * @module
 */
import type { TableEntry } from '@hyperkit/script/command'
import { descriptions } from './descriptions.ts'

const modules: Record<keyof typeof descriptions, TableEntry['load']> = {
  validate: () => import('./commands/validate.ts'),
  plan: () => import('./commands/plan.ts'),
  apply: () => import('./commands/apply.ts'),
  update: () => import('./commands/update.ts'),
  export: () => import('./commands/export.ts'),
  promote: () => import('./commands/promote.ts'),
  prune: () => import('./commands/prune.ts'),
  history: () => import('./commands/history.ts'),
  rollback: () => import('./commands/rollback.ts'),
  adopt: () => import('./commands/adopt.ts'),
  'force-unlock': () => import('./commands/force-unlock.ts'),
  watch: () => import('./commands/watch.ts'),
  schema: () => import('./commands/schema.ts'),
}

/**
 * The commands, in the order in which they are listed.
 *
 * @example
 * ```ts
 * import { commands } from '@hyperkit/reconciler/commands'
 *
 * console.log(commands.map(({ name }) => name))
 * ```
 */
export const commands: readonly TableEntry[] = Object.entries(modules).map(([name, load]) => ({
  name,
  description: descriptions[name as keyof typeof descriptions],
  load,
}))
