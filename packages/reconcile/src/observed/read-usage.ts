import { type Client, isHyperkitError, UsageHiddenError } from '@hyperkit/core'

/** Which images of a server are in use, or what a client lacks to be shown that; never a part of it. */
export type Usage =
  | { status: 'shown'; used: ReadonlySet<string> }
  /** To be said after "this client lacks". */
  | { status: 'hidden'; missing: string }

/** Asks a server which images are in use. A client that is not shown everything can call none unused. */
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

/** As `readUsage`, for several who ask: the listing of all instances is long, and one is enough for a plan. */
export function readUsageOnce(client: Client, signal: AbortSignal | undefined): () => Promise<Usage> {
  let usage: Promise<Usage> | undefined
  return () => {
    usage ??= readUsage(client, signal)
    return usage
  }
}
