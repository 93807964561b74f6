/** The names of docker.io, a registry whose API has an address of its own. */
export const dockerHubHosts: readonly string[] = [
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
  'registry.hub.docker.com',
]

/** An address of a registry and the name of an image in it, as a server is told them. */
export interface ToldImage {
  server: string
  alias: string
}

/**
 * The names that mean on every server what they mean here. Servers put the address and the name together for skopeo, which takes only
 * docker.io (and index.docker.io) for docker.io, and puts an official image below `library/` only there.
 */
export function tellRegistryImage({ server, alias }: ToldImage): ToldImage {
  const url = URL.canParse(server) ? new URL(server) : undefined
  if (url === undefined || !dockerHubHosts.includes(url.host)) return { server, alias }
  const path = url.pathname.replace(/\/+$/, '')
  const isBelow = path !== '' || (/^[^:@]*/.exec(alias)?.[0] ?? '').includes('/')
  return { server: `https://docker.io${path}`, alias: isBelow ? alias : `library/${alias}` }
}
