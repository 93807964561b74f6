import { type Client, isHyperkitError } from '@hyperkit/core'
import * as v from 'valibot'

const urls = v.array(v.string())

/** Names of the profiles that images of a server can have; undefined if this client does not see all of them. */
export async function readProfiles(
  client: Client,
  signal: AbortSignal | undefined,
): Promise<readonly string[] | undefined> {
  try {
    const answer = await client.request({
      method: 'GET',
      path: '/1.0/profiles',
      action: 'list profiles',
      signal,
    })
    const result = v.safeParse(urls, answer.metadata)
    const names = result.success ? result.output.map(nameIn) : []
    // Every project has the profile "default": if it is missing, some profiles are hidden.
    return names.includes('default') ? names : undefined
  } catch (error) {
    if (isHyperkitError(error, 'not-authorized')) return undefined
    throw error
  }
}

/** `/1.0/profiles/web?project=p` */
function nameIn(url: string): string {
  return decodeURIComponent(url.replace(/\?.*$/s, '').split('/').at(-1) ?? '')
}
