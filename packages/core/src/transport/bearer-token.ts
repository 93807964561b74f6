/**
 * A token, or a function that is asked before each request; it renews the token itself. When a server answers 401, it is
 * asked once more, with the token that was refused: another one is tried, the same one is an error.
 */
export type BearerToken = string | ((refused?: string) => string | Promise<string>)

/**
 * The headers that show the bearer token, if there is one.
 *
 * @param shown the request's own headers: where they show a token, that is the one
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
 * The token itself, asked of the function if it is one.
 *
 * @example
 * ```ts
 * console.log(await readToken(() => 'abc')) // abc
 * ```
 */
export async function readToken(token: BearerToken, refused?: string): Promise<string> {
  return typeof token === 'string' ? token : await token(refused)
}
