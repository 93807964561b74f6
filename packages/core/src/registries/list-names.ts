import type * as v from 'valibot'
import { ArgumentError, TransportError } from '../errors/errors.ts'
import { isRepository } from './image-name.ts'
import { catalogueSchema, tagsSchema } from './manifests.ts'
import { readRegistryDocument } from './read-manifest.ts'
import type { RegistryCall } from './registry-call.ts'
import { apiName, type RegistryPlace } from './registry-place.ts'

const mostPages = 200

/** The tags of a repository, as the registry orders them. */
export async function listTags(
  place: RegistryPlace,
  repository: string,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  if (!isRepository(repository))
    throw new ArgumentError(
      'repository',
      `Cannot list the tags of ${JSON.stringify(repository)}: it is no name of a repository`,
    )
  const name = apiName(place, repository)
  return listPages(
    place,
    {
      method: 'GET',
      path: `/v2/${name}/tags/list?n=1000`,
      scope: `repository:${name}:pull`,
      action: `Cannot list the tags of ${JSON.stringify(repository)}`,
      missing: 'the registry has no such repository',
      signal,
    },
    tagsSchema,
    ({ tags }) => tags ?? [],
  )
}

/** The repositories of a registry. Most public registries do not list them. */
export async function listRepositories(
  place: RegistryPlace,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const all = await listPages(
    place,
    {
      method: 'GET',
      path: '/v2/_catalog?n=1000',
      scope: 'registry:catalog:*',
      action: 'Cannot list the repositories',
      missing: 'this registry does not list them; name a repository to list its tags',
      signal,
    },
    catalogueSchema,
    ({ repositories }) => repositories ?? [],
  )
  return all.filter((name) => name.startsWith(place.prefix)).map((name) => name.slice(place.prefix.length))
}

async function listPages<const Schema extends v.GenericSchema>(
  place: RegistryPlace,
  call: RegistryCall,
  schema: Schema,
  namesOf: (content: v.InferOutput<Schema>) => string[],
): Promise<string[]> {
  const names: string[] = []
  let left = place.maxDocument
  let path: string | undefined = call.path
  for (let page = 0; path !== undefined; page++) {
    if (page === mostPages)
      throw new TransportError(
        'answer-too-long',
        `${call.action} of "${place.name}": the list has more than ${mostPages} pages`,
        { server: place.name },
      )
    const { content, headers } = await readRegistryDocument(place, { ...call, path }, schema, undefined)
    const found = namesOf(content)
    left -= found.reduce((sum, name) => sum + bytesOf(name), 0)
    if (left < 0)
      throw new TransportError(
        'answer-too-long',
        `${call.action} of "${place.name}": the names on its pages are longer than ${place.maxDocument} bytes together`,
        { server: place.name },
      )
    for (const name of found) names.push(name)
    path = nextPath(headers.get('link'), path, place)
  }
  return names
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length
}

/** The next page, which is only asked of the registry itself. */
function nextPath(link: string | null, path: string, { origin }: RegistryPlace): string | undefined {
  const target = /<([^>]*)>\s*;[^,]*\brel="?next\b/i.exec(link ?? '')?.[1]
  if (target === undefined || !URL.canParse(target, `${origin}${path}`)) return undefined
  const url = new URL(target, `${origin}${path}`)
  return url.origin === origin && url.pathname.startsWith('/v2/') ? `${url.pathname}${url.search}` : undefined
}
