import * as v from 'valibot'
import { HyperkitError } from '../errors/hyperkit-error.ts'
import { aliasesPath } from '../http/alias-path.ts'
import type { Answer } from '../http/answer.ts'
import type { CallOptions } from '../http/call.ts'
import type { AliasPlace } from './post-alias.ts'

const listed = v.nullish(v.array(v.string()))

/**
 * Which aliases a server has, with one request that takes it a single query however many there are. The answer may also have other names:
 * LXD up to 5.0.2 encodes names twice (T21), so the name of one alias can look like that of another. What is found has to be read.
 *
 * @returns whether the server may have an alias of this name; if not, it does not show one to this client
 */
export async function listAliasNames(
  place: AliasPlace & { readonly name: string },
  options: CallOptions = {},
): Promise<(name: string) => boolean> {
  const { metadata }: Answer = await place.request({
    method: 'GET',
    path: aliasesPath,
    action: 'list the names of aliases',
    ...options,
  })
  const read = v.safeParse(listed, metadata)
  if (!read.success)
    throw new HyperkitError(
      'unexpected-answer',
      `Cannot list the names of aliases on "${place.name}": the answer is not a list of URLs`,
      { server: place.name },
    )
  const names = new Set<string>()
  for (const url of read.output ?? []) {
    const once = decode(url.replace(/\?.*$/s, '').replace(/^\/1\.0\/images\/aliases\//, ''))
    names.add(once)
    names.add(decode(once))
  }
  return (name) => names.has(name)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A name with a "%" that was encoded once.
    return text
  }
}
