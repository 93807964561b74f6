import { checkChoice, checkOverrides, unknownServer } from './check-choice.ts'
import { checkRegistryImage } from './check-registry-image.ts'
import { checkRollout } from './check-rollout.ts'
import { checkSource } from './check-source.ts'
import { choiceOf, chooseServers, isChoice, type LabelledServers } from './choose-servers.ts'
import type { WrittenImage } from './image-schema.ts'
import type { WrittenManifest } from './manifest-schema.ts'
import type { Path } from './read-value.ts'
import type { WrittenServer } from './server-schema.ts'

type Complain = (path: Path, message: string, isKey?: boolean) => void

/** Checks what a schema of single values cannot: references to other entries, duplicate names, keys that exclude each other. */
export function checkReferences(manifest: WrittenManifest, complain: Complain): void {
  const { defaults } = manifest
  const servers: LabelledServers = new Map(
    Object.entries(manifest.servers).map(([name, { labels = {} }]) => [name, labels]),
  )
  if (servers.size === 0) complain(['servers'], '"servers" is empty: name at least one server')
  for (const [name, server] of Object.entries(manifest.servers))
    checkServer(server, ['servers', name], complain)
  if (defaults !== undefined)
    checkChoice(defaults, ['defaults'], servers, defaults.allowNoServers ?? false, complain)
  const names = new Map<string, { entry: number; on: readonly string[] }[]>()
  manifest.images.forEach((image, index) => {
    const path = ['images', index]
    // The same name may mean another image on other servers.
    const on = chooseServers(choiceOf(image, defaults), servers)
    const twins = names.get(image.name) ?? []
    const twin = twins.find((each) => each.on.some((name) => on.includes(name)))
    if (twin !== undefined) {
      const shared = twin.on.find((name) => on.includes(name))
      complain(
        [...path, 'name'],
        `duplicate image "${image.name}": entry ${twin.entry} has the same name on server "${shared}"`,
      )
    }
    names.set(image.name, [...twins, { entry: index + 1, on }])
    checkImage(image, path, servers, defaults, complain)
    const allowsNone = image.allowNoServers ?? defaults?.allowNoServers ?? false
    checkChoice(image, path, servers, allowsNone, complain)
    checkOverrides(image, defaults, path, servers, complain)
  })
  checkAliases(manifest, servers, complain)
  if (manifest.rollout !== undefined) checkRollout(manifest.rollout, servers, complain)
}

const urlOnly = ['serverCertificate', 'clientCertificate', 'clientKey', 'token', 'tokenFile'] as const

function checkServer(server: WrittenServer, path: Path, complain: Complain): void {
  const ways = (['remote', 'url', 'socket'] as const).filter((key) => server[key] !== undefined)
  const name = String(path.at(-1))
  if (ways.length === 0) complain(path, `server "${name}" needs one of "remote", "url" and "socket"`)
  for (const extra of ways.slice(1))
    complain(
      [...path, extra],
      `"${extra}" cannot be combined with "${ways[0]}": a server is reached in one way`,
    )
  if (server.url === undefined && ways.length > 0) {
    const why = server.remote === undefined ? 'a socket needs none' : 'a remote has its own settings'
    for (const key of urlOnly)
      if (server[key] !== undefined) complain([...path, key], `"${key}" is allowed only with "url": ${why}`)
  }
  if (server.token !== undefined && server.tokenFile !== undefined)
    complain([...path, 'tokenFile'], '"tokenFile" cannot be combined with "token": give one of them')
  if (server.clientKey !== undefined && server.clientCertificate === undefined)
    complain([...path, 'clientKey'], '"clientKey" needs "clientCertificate" as well')
}

const presentOnly = [
  'source',
  'public',
  'properties',
  'propertiesMode',
  'autoUpdate',
  'profiles',
  'filename',
  'expiresAt',
  'keep',
  'keepDays',
  'overrides',
] as const

function checkImage(
  image: WrittenImage,
  path: Path,
  servers: LabelledServers,
  defaults: WrittenManifest['defaults'],
  complain: Complain,
): void {
  if (image.state === 'absent') {
    for (const key of presentOnly) {
      if (image[key] !== undefined)
        complain([...path, key], `"${key}" is not allowed in an image with "state: absent"`)
    }
    return
  }
  if (image.source === undefined) complain(path, `image "${image.name}" needs "source", or "state: absent"`)
  else {
    const source: Path = [...path, 'source']
    checkSource(image.source, source, complain)
    checkRegistryImage(image, path, defaults, complain)
    const { server } = image.source
    if (server !== undefined && !servers.has(server))
      complain([...source, 'server'], unknownServer(server, [...servers.keys()]))
    else if (server !== undefined && image.source.instance !== undefined) {
      const choice = choiceOf(image, defaults)
      if (isChoice(choice) && !chooseServers(choice, servers).includes(server))
        complain(
          [...source, 'server'],
          `server "${server}" publishes the image but is not one of its servers: add it to them`,
        )
    }
  }
}

/** On each server an alias belongs to one image; another server may use it for another image. */
function checkAliases(manifest: WrittenManifest, all: LabelledServers, complain: Complain): void {
  const owners = new Map<string, WrittenImage>()
  manifest.images.forEach((image, index) => {
    const chosen = chooseServers(choiceOf(image, manifest.defaults), all)
    for (const { list, path, servers } of aliasLists(image, index, chosen)) {
      const listed = new Set<string>()
      for (const { name, at } of aliasesOf(image, list, ['images', index], path)) {
        if (listed.has(name)) {
          complain(at, `alias "${name}" is listed twice in image "${image.name}"`)
          continue
        }
        listed.add(name)
        const clash = servers.find((server) => owners.has(JSON.stringify([server, name])))
        const owner = clash === undefined ? undefined : owners.get(JSON.stringify([clash, name]))
        if (owner !== undefined && owner.name !== image.name)
          complain(at, `alias "${name}" already belongs to image "${owner.name}" on server "${clash}"`)
        else for (const server of servers) owners.set(JSON.stringify([server, name]), image)
      }
    }
  })
}

type WrittenAliases = NonNullable<WrittenImage['aliases']>

/** The alias lists of an image, each with the servers that it is for. */
function aliasLists(
  { aliases = [], overrides = {} }: WrittenImage,
  index: number,
  chosen: readonly string[],
): { list: WrittenAliases; path: Path; servers: string[] }[] {
  const own = Object.entries(overrides).flatMap(([server, override]) =>
    override.aliases === undefined ? [] : [{ server, list: override.aliases }],
  )
  const rest = chosen.filter((server) => !own.some((each) => each.server === server))
  return [
    { list: aliases, path: ['images', index, 'aliases'], servers: rest },
    ...own.map(({ server, list }) => ({
      list,
      path: ['images', index, 'overrides', server, 'aliases'],
      servers: [server],
    })),
  ]
}

function aliasesOf(
  image: WrittenImage,
  list: WrittenAliases,
  place: Path,
  path: Path,
): { name: string; at: Path }[] {
  const given = list.map((alias, position) => ({
    name: typeof alias === 'string' ? alias : alias.name,
    at: [...path, position],
    describesName: typeof alias !== 'string' && alias.name === image.name,
  }))
  // `{ name: <the image's own>, description }` describes the first alias and adds none.
  return [{ name: image.name, at: [...place, 'name'] }, ...given.filter((alias) => !alias.describesName)]
}
