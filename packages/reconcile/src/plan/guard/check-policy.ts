import { publicUrl } from '../../identity/public-url.ts'
import { imageOn } from '../../manifest/image-on.ts'
import type { Manifest, PresentImage } from '../../manifest/manifest.ts'
import { ManifestError, type Problem } from '../../manifest/manifest-error.ts'
import { matchesGlob, type PatternKind, type Policy } from '../../manifest/policy.ts'
import type { RemoteSource, Source } from '../../manifest/source.ts'

/**
 * Checks what a policy says of sources, hashes and public images. It needs only the manifest, so it is checked before any source or
 * server is read. Sizes are checked by `guardPlan`.
 *
 * @throws {ManifestError} with every entry that breaks the policy, at its position
 */
export function checkPolicy(manifest: Manifest): void {
  const { policy, file } = manifest
  if (policy === undefined) return
  const problems = manifest.images.flatMap((image): Problem[] => {
    if (image.state === 'absent') return []
    const ofSource = [...refuseSource(image, policy), ...refuseUnpinned(image, policy)]
    const ofImage = [...refuseAutoUpdate(image, policy), ...refusePublic(image, policy)]
    const problem = (at: Problem['at'], why: string): Problem => ({
      file: at.file ?? file,
      at,
      message: `image "${image.name}" ${why}`,
    })
    return [
      ...ofSource.map((why) => problem(image.source.at, why)),
      ...ofImage.map((why) => problem(image.at, why)),
    ]
  })
  if (problems.length > 0) throw new ManifestError(problems)
}

function refuseSource({ source, servers }: PresentImage, { sources }: Policy): string[] {
  if (sources === undefined) return []
  const refused = namesOf(source, servers).filter(
    ({ kind, text, isAddress }) =>
      !sources.some(
        (each) =>
          each.kind === kind &&
          // An alias may look like the rest of an address after a remote called "https".
          (isAddress !== false || !each.glob.includes('://')) &&
          matchesGlob(each.glob, text),
      ),
  )
  return refused.map(
    ({ kind, text }) =>
      `comes from "${kind}:${text}", which no pattern of "policy.sources" matches: use another source, or add a pattern`,
  )
}

interface SourceName {
  kind: PatternKind
  text: string
  /** Whether a remote is given by its address. */
  isAddress?: boolean
}

/** The texts that patterns match; all of them must be allowed. */
function namesOf(source: Source, servers: readonly string[]): SourceName[] {
  switch (source.kind) {
    case 'file':
      return [{ kind: 'file', text: source.file }]
    case 'split':
      return [source.metadata, source.rootfs].map((text) => ({ kind: 'file', text }))
    case 'url':
      return [{ kind: 'url', text: publicUrl(new URL(source.url).href) }]
    case 'remote':
      return [nameOfRemote(source)]
    case 'instance': {
      const { instance, snapshot } = source
      const name = snapshot === undefined ? instance : `${instance}/${snapshot}`
      const publishers = source.server === undefined ? servers : [source.server]
      return publishers.map((server) => ({ kind: 'instance', text: `${server}:${name}` }))
    }
    case 'server':
      return [{ kind: 'server', text: `${source.server}:${source.alias ?? source.fingerprint}` }]
    case 'fingerprint':
      return [{ kind: 'fingerprint', text: source.fingerprint }]
  }
}

function nameOfRemote({ remote, alias, fingerprint }: RemoteSource): SourceName {
  const which = alias ?? fingerprint ?? ''
  if (!remote.includes('://')) return { kind: 'remote', text: `${remote}:${which}`, isAddress: false }
  const address = publicUrl(new URL(remote).href).replace(/\/+$/, '')
  return { kind: 'remote', text: `${address}/${which}`, isAddress: true }
}

function refuseUnpinned({ source }: PresentImage, { requireSha256 }: Policy): string[] {
  if (!requireSha256) return []
  const demand = 'and "policy.requireSha256" demands to know its content beforehand'
  switch (source.kind) {
    case 'file':
    case 'split':
    case 'url':
      return source.sha256 === undefined ? [`has no "sha256", ${demand}: add it`] : []
    case 'remote':
    case 'server':
      return source.fingerprint?.length === 64
        ? []
        : [`has no "fingerprint" of 64 digits, ${demand}: give it instead of an alias or a prefix`]
    case 'instance':
      return [`is published from an instance, ${demand}: publish it elsewhere, and use its "fingerprint"`]
    case 'fingerprint':
      return []
  }
}

function refuseAutoUpdate(image: PresentImage, { requireSha256 }: Policy): string[] {
  if (!requireSha256) return []
  return where(image, ({ autoUpdate }) => autoUpdate === true).map(
    (on) =>
      `has "autoUpdate: true"${on}, and "policy.requireSha256" demands to know its content beforehand: the server would replace it`,
  )
}

function refusePublic(image: PresentImage, { forbidPublic }: Policy): string[] {
  if (!forbidPublic) return []
  return where(image, (on) => on.public === true).map(
    (on) => `is public${on}, which "policy.forbidPublic" forbids: remove "public: true"`,
  )
}

/** Where an image is something: once for all servers, or on each server for itself. */
function where(image: PresentImage, holds: (image: PresentImage) => boolean): string[] {
  const servers = image.servers.filter((server) => holds(imageOn(image, server)))
  if (servers.length === image.servers.length) return holds(image) || servers.length > 0 ? [''] : []
  return servers.map((server) => ` on "${server}"`)
}
