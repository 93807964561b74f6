/** What each command does, for lists of commands and its own help. */
export const descriptions = {
  validate: 'Check the manifest and report everything that is wrong in it; no server is asked',
  plan: 'Show what would be changed on each server; nothing is changed',
  apply: 'Show what would be changed, ask, and change it',
  update: 'Write to the lock file what the sources hold now, and show what moved',
  export: 'Print what servers have as a manifest, on which a plan finds nothing to do',
  promote: 'Give servers the images that another one has under the same names; no source is read',
  prune: 'Remove old versions that "keep" and "keepDays" let go, and nothing else',
  history: 'List the versions of the images, the newest first; no file of a source is read',
  rollback: 'Point an alias at the version before; apply moves it forward again',
  adopt: 'Make existing images of the manifest its own, no matter who owned them before',
  'force-unlock': 'Free the servers from the lock of a run that is dead',
  watch:
    'Keep servers as the manifest says: on their events, when files change, and on a schedule, until a signal ends it',
  schema: 'Print a JSON Schema: of the manifest, for editors, or of a document that is printed',
} as const
