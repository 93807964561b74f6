/** The description of each command, for lists of commands and for its help. */
export const descriptions = {
  validate: 'Check the manifest and report everything wrong with it, without asking any server',
  plan: 'Show what would change on each server, and change nothing',
  apply: 'Show what would change, ask, and make the changes',
  update: 'Write what the sources hold now to the lock file, and show what changed',
  export: 'Print what servers have as a manifest for which a plan finds nothing to do',
  promote: 'Give servers the images that another server has under the same names, without reading sources',
  prune: 'Delete old versions that "keep" and "keepDays" no longer keep, and do nothing else',
  history: 'List the versions of images, newest first, without reading the files of sources',
  rollback: 'Point an alias at the version before; the next apply moves it forward again',
  adopt: 'Put existing images under the manifest, even if another one owned them',
  'force-unlock': 'Release the lock of a run that died',
  watch: 'Keep servers as the manifest says, on events, file changes and a schedule, until a signal ends it',
  schema: 'Print the JSON Schema of the manifest, for editors, or of a document that commands print',
} as const
