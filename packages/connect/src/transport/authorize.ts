import type { BearerToken } from './transport-options.ts'

/** The headers that show the bearer token, if there is one. */
export async function authorize(token: BearerToken | undefined): Promise<Record<string, string>> {
  if (token === undefined) return {}
  return { authorization: `Bearer ${typeof token === 'string' ? token : await token()}` }
}
