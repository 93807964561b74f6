/** The description of each command, for lists of commands and for its help. */
export const descriptions = {
  validate: 'Check the manifest and report everything wrong with it, without connecting to any server',
  plan: 'Show what would change on each server, and change nothing',
  apply: 'Show what would change, ask, and make the changes',
  update: 'Record what the sources have now in the lock file, and show what changed',
  export: 'Print a manifest of what servers have; a plan of it has no changes',
  promote: 'Copy images from one server to others under the same names, without reading their sources',
  prune: 'Delete old versions beyond "keep" and "keepDays", and do nothing else',
  history: 'List the versions of images, newest first, without reading sources',
  rollback: 'Point aliases at an earlier version; the next apply moves them forward again',
  adopt: 'Make existing images belong to the manifest, even if another manifest owned them',
  'force-unlock': 'Release the lock of a run that died',
  watch: 'Plan and apply again on events, file changes and a schedule, until a signal ends it',
  schema: 'Print the JSON Schema of the manifest, for editors, or of a document that commands print',
} as const
