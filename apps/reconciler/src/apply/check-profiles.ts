import { type Client, HyperkitError, isHyperkitError } from '@hyperkit/core'
import { nearestName } from '@hyperkit/terminal/text'
import * as v from 'valibot'
import type { FieldChange } from '../plan/plan.ts'
import type { ApplyChangeOptions } from './apply-change-options.ts'

const urls = v.array(v.string())

/**
 * Refuses profiles that the server does not have before anything is sent to it: it would say so only once the image had
 * arrived.
 *
 * @throws {HyperkitError} `not-found`, naming the profile
 */
export async function checkProfiles(
  client: Client,
  { image, fields }: { image: string; fields: readonly FieldChange[] },
  { signal }: Pick<ApplyChangeOptions, 'signal'>,
): Promise<void> {
  const wanted = fields.flatMap((change) => (change.field === 'profiles' ? change.after : []))
  if (wanted.length === 0) return
  const known = await listProfiles(client, signal)
  // Every project has "default": without it, this client is not shown all, and the server itself will say.
  if (!known.includes('default')) return
  const missing = wanted.find((name) => !known.includes(name))
  if (missing === undefined) return
  const nearest = nearestName(missing, known)
  const hint =
    nearest === undefined ? 'create it, or take it out of "profiles"' : `did you mean "${nearest}"?`
  throw new HyperkitError(
    'not-found',
    `Cannot give image "${image}" on "${client.name}" the profile "${missing}": there is no such profile; ${hint}`,
    { server: client.name },
  )
}

async function listProfiles(client: Client, signal: AbortSignal): Promise<string[]> {
  try {
    const answer = await client.request({
      method: 'GET',
      path: '/1.0/profiles',
      action: 'list profiles',
      signal,
    })
    const result = v.safeParse(urls, answer.metadata)
    if (!result.success) return []
    return result.output.map((url) => decodeURIComponent(url.replace(/\?.*$/s, '').split('/').at(-1) ?? ''))
  } catch (error) {
    if (isHyperkitError(error, 'not-authorized')) return []
    throw error
  }
}
