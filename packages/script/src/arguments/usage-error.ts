/** The command line is not as the script wants it. Nothing was done. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
