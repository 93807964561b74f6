import { nearestName } from '@hyperkit/terminal/text'
import type { WrittenImage, WrittenManifest, WrittenServer, WrittenSource } from './manifest-schema.ts'
import type { Path } from './read-value.ts'

type Complain = (path: Path, message: string) => void

/** What a schema of single values cannot see: names that refer to others, names given twice, keys that exclude others. */
export function checkReferences(manifest: WrittenManifest, complain: Complain): void {
  const servers = Object.keys(manifest.servers)
  if (servers.length === 0) complain(['servers'], '"servers" names no server')
  for (const [name, server] of Object.entries(manifest.servers))
    checkServer(server, ['servers', name], complain)
  checkServerNames(manifest.defaults?.servers, ['defaults', 'servers'], servers, complain)
  const names = new Map<string, number>()
  manifest.images.forEach((image, index) => {
    const path = ['images', index]
    const twin = names.get(image.name)
    if (twin !== undefined)
      complain(
        [...path, 'name'],
        `image "${image.name}" stands twice: entry ${twin + 1} has this name already`,
      )
    else names.set(image.name, index)
    checkImage(image, path, complain)
    checkServerNames(image.servers, [...path, 'servers'], servers, complain)
  })
  checkAliases(manifest, servers, complain)
}

function checkServer(server: WrittenServer, path: Path, complain: Complain): void {
  const ways = (['remote', 'url', 'socket'] as const).filter((key) => server[key] !== undefined)
  const name = String(path.at(-1))
  if (ways.length === 0) complain(path, `server "${name}" needs one of "remote", "url" and "socket"`)
  for (const extra of ways.slice(1))
    complain([...path, extra], `"${extra}" excludes "${ways[0]}": a server is reached one way`)
  for (const key of ['serverCertificate', 'clientCertificate', 'clientKey'] as const) {
    if (server[key] !== undefined && server.url === undefined && ways.length > 0)
      complain([...path, key], `"${key}" goes with "url" only: a ${ways[0]} brings its own trust`)
  }
  if (server.clientKey !== undefined && server.clientCertificate === undefined)
    complain([...path, 'clientKey'], '"clientKey" needs "clientCertificate" beside it')
}

function checkImage(image: WrittenImage, path: Path, complain: Complain): void {
  if (image.state === 'absent') {
    for (const key of ['source', 'public', 'properties', 'expiresAt', 'keep', 'keepDays'] as const) {
      if (image[key] !== undefined)
        complain([...path, key], `"${key}" says nothing about an image that shall be absent`)
    }
    return
  }
  if (image.source === undefined) complain(path, `image "${image.name}" needs "source", or "state: absent"`)
  else checkSource(image.source, [...path, 'source'], complain)
}

function checkSource(source: WrittenSource, path: Path, complain: Complain): void {
  const { file, metadata, rootfs } = source
  if (file === undefined && metadata === undefined && rootfs === undefined) {
    complain(path, '"source" needs "file", or "metadata" and "rootfs"')
    return
  }
  if (file !== undefined) {
    for (const key of ['metadata', 'rootfs', 'type'] as const) {
      if (source[key] !== undefined)
        complain(
          [...path, key],
          `"${key}" excludes "file": a unified image is one file, and says itself what it is`,
        )
    }
    return
  }
  if (metadata === undefined)
    complain(path, '"metadata" is missing: a split image is "metadata" and "rootfs"')
  if (rootfs === undefined) complain(path, '"rootfs" is missing: a split image is "metadata" and "rootfs"')
}

function checkServerNames(
  names: readonly string[] | undefined,
  path: Path,
  known: readonly string[],
  complain: Complain,
): void {
  if (names !== undefined && names.length === 0)
    complain(path, '"servers" is empty: leave it out for all servers')
  for (const [index, name] of (names ?? []).entries()) {
    if (names?.indexOf(name) !== index) complain([...path, index], `server "${name}" stands twice`)
    else if (!known.includes(name)) complain([...path, index], unknownServer(name, known))
  }
}

function unknownServer(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known)
  const hint = nearest === undefined ? `known are ${known.join(', ')}` : `did you mean "${nearest}"?`
  return `unknown server "${name}": ${hint}`
}

/** On one server an alias belongs to one image; the same alias for other images on other servers is fine. */
function checkAliases(manifest: WrittenManifest, all: readonly string[], complain: Complain): void {
  const owners = new Map<string, WrittenImage>()
  manifest.images.forEach((image, index) => {
    const where = image.servers ?? manifest.defaults?.servers ?? all
    const mine = new Set<string>()
    for (const { name, path } of aliasesOf(image, index)) {
      if (mine.has(name)) {
        complain(path, `alias "${name}" stands twice in image "${image.name}"`)
        continue
      }
      mine.add(name)
      const clash = where.find((server) => owners.has(JSON.stringify([server, name])))
      const owner = clash === undefined ? undefined : owners.get(JSON.stringify([clash, name]))
      if (owner !== undefined && owner.name !== image.name)
        complain(path, `alias "${name}" is given to image "${owner.name}" on server "${clash}" already`)
      else for (const server of where) owners.set(JSON.stringify([server, name]), image)
    }
  })
}

function aliasesOf(image: WrittenImage, index: number): { name: string; path: Path }[] {
  const given = (image.aliases ?? []).map((alias, position) => ({
    name: typeof alias === 'string' ? alias : alias.name,
    path: ['images', index, 'aliases', position],
    describesName: typeof alias !== 'string' && alias.name === image.name,
  }))
  // `{ name: <the image's own>, description }` describes the first alias instead of adding one.
  return [
    { name: image.name, path: ['images', index, 'name'] },
    ...given.filter((alias) => !alias.describesName),
  ]
}
