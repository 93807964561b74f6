import { HyperkitError } from '@hyperkit/core'
import * as v from 'valibot'
import { readText } from './read-text.ts'
import type { ClientConfiguration, Remote } from './remote.ts'

const schema = v.looseObject({ access_token: v.optional(v.string()), expiry: v.optional(v.string()) })

/**
 * The access token that the client keeps for a remote with OIDC. It is not renewed here: that takes the user's browser.
 *
 * @throws HyperkitError `invalid-configuration`, also when it is missing or has expired
 */
export async function readOidcToken(
  remote: Remote,
  { folder, client }: ClientConfiguration,
): Promise<string> {
  const path = `${folder}/oidctokens/${remote.name}.json`
  const logIn = `log in with "${client} info ${remote.name}:"`
  const fail = (what: string, cause?: unknown): HyperkitError =>
    new HyperkitError('invalid-configuration', `Cannot connect to "${remote.name}": ${what}; ${logIn}`, {
      cause,
    })
  const text = await readText(path)
  if (text === undefined) throw fail(`there is no OIDC token "${path}"`)
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (cause) {
    throw fail(`"${path}" is not JSON`, cause)
  }
  const token = v.safeParse(schema, content)
  if (!token.success || !token.output.access_token) throw fail(`"${path}" holds no access token`)
  const { access_token: accessToken, expiry = '' } = token.output
  // Go writes the year 1 where no expiry is known.
  if (!expiry.startsWith('0001-') && Date.parse(expiry) <= Date.now())
    throw fail(`the OIDC token expired at ${expiry}`)
  return accessToken
}
