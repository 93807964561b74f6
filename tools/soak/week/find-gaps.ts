import type { Member } from './member.ts'

interface RawAlias {
  name: string
  target: string
  description: string
}

interface RawImage {
  fingerprint: string
  properties: Record<string, string>
}

/** What a server has at this moment, whatever fault it has. */
export async function readState({ server }: Pick<Member, 'server'>): Promise<{
  aliases: RawAlias[]
  images: RawImage[]
  /** Tokens that can still be used. */
  tokens: number
}> {
  const read = async <T>(path: string): Promise<T> => {
    const response = await server.fetch(new Request(`http://inside${path}`))
    return ((await response.json()) as { metadata: T }).metadata
  }
  const operations = await read<Record<string, { class: string; status_code: number }[]>>(
    '/1.0/operations?recursion=1',
  )
  return {
    aliases: (await read<RawAlias[] | null>('/1.0/images/aliases?recursion=1')) ?? [],
    images: (await read<RawImage[] | null>('/1.0/images?recursion=1')) ?? [],
    tokens: Object.values(operations ?? {})
      .flat()
      .filter((each) => each.class === 'token' && each.status_code < 200).length,
  }
}

/** Aliases that point at nothing, and aliases of the manifest that have vanished since the last look. */
export async function findGaps(
  member: Pick<Member, 'name' | 'server' | 'aliases'>,
  after: string,
): Promise<string[]> {
  const { aliases, images } = await readState(member)
  const there = new Set(images.map(({ fingerprint }) => fingerprint))
  const gaps = aliases
    .filter(({ target }) => !there.has(target))
    .map(
      ({ name, target }) =>
        `${member.name}: alias "${name}" points at ${target.slice(0, 12)}, which is not there, after ${after}`,
    )
  const now = new Map(
    aliases.filter(({ name }) => !name.includes('/')).map(({ name, target }) => [name, target]),
  )
  for (const name of member.aliases.keys())
    if (!now.has(name)) gaps.push(`${member.name}: alias "${name}" has vanished after ${after}`)
  member.aliases = now
  return gaps
}
