import { type Client, isHyperkitError, UsageHiddenError } from '@hyperkit/core'

/** Which images of a server are in use, or what a client lacks to see that; never an incomplete set. */
export type Usage =
  | { status: 'shown'; used: ReadonlySet<string> }
  /** Completes the sentence "this client lacks …". */
  | { status: 'hidden'; missing: string }

/** Reads which images of a server are in use. A client that does not see everything cannot call any image unused. */
export async function readUsage(client: Client, signal: AbortSignal | undefined): Promise<Usage> {
  try {
    return { status: 'shown', used: await client.images.used({ signal }) }
  } catch (error) {
    if (error instanceof UsageHiddenError) return { status: 'hidden', missing: error.missing }
    if (isHyperkitError(error, 'not-authorized'))
      return { status: 'hidden', missing: `the right to see it: ${error.message}` }
    throw error
  }
}

/** As `readUsage`, but read once for all callers: listing all instances is slow, and once is enough for a plan. */
export function readUsageOnce(client: Client, signal: AbortSignal | undefined): () => Promise<Usage> {
  let usage: Promise<Usage> | undefined
  return () => {
    usage ??= readUsage(client, signal)
    return usage
  }
}
