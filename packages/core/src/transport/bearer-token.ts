/**
 * A token, or a function that is called before each request and renews the token itself. After a 401 the function is called once more, with
 * the refused token: another token is tried, and the same one is an error.
 */
export type BearerToken = string | ((refused?: string) => string | Promise<string>)

/**
 * The authorization header for a bearer token; none without a token.
 *
 * @param shown the request's own headers, whose authorization has precedence
 *
 * @example
 * ```ts
 * console.log(await authorize('abc')) // { authorization: 'Bearer abc' }
 * ```
 */
export async function authorize(
  token: BearerToken | undefined,
  shown?: Headers,
): Promise<Record<string, string>> {
  return token === undefined || shown?.has('authorization')
    ? {}
    : { authorization: `Bearer ${await readToken(token)}` }
}

/**
 * The token itself; a function is called for it.
 *
 * @example
 * ```ts
 * console.log(await readToken(() => 'abc')) // abc
 * ```
 */
export async function readToken(token: BearerToken, refused?: string): Promise<string> {
  return typeof token === 'string' ? token : await token(refused)
}
