/** A token, or a function that is asked before each request; it renews the token itself. */
export type BearerToken = string | (() => string | Promise<string>)

/** The headers that show the bearer token, if there is one. */
export async function authorize(token: BearerToken | undefined): Promise<Record<string, string>> {
  return token === undefined ? {} : { authorization: `Bearer ${await readToken(token)}` }
}

/** The token itself, asked of the function if it is one. */
export async function readToken(token: BearerToken): Promise<string> {
  return typeof token === 'string' ? token : await token()
}
