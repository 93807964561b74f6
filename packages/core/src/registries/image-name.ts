import { ArgumentError } from '../errors/errors.ts'

/** The parts of a name such as `library/alpine:3.20@sha256:…`. */
export interface ImageName {
  /** Below the address of the registry: `library/alpine`. */
  repository: string
  /** `latest` if the name has neither tag nor digest; undefined if it has only a digest. */
  tag: string | undefined
  /** `sha256:` and 64 hex characters. If there is one, the tag has no effect. */
  digest: string | undefined
}

const repositoryPattern =
  /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/
const tagPattern = /^\w[\w.-]{0,127}$/
const digestPattern = /^sha256:[0-9a-f]{64}$/

/**
 * Reads the name of an image of a registry, by the rules of the OCI distribution specification 1.1.
 *
 * @throws {ArgumentError}
 */
export function parseImageName(text: string): ImageName {
  const refuse = (why: string): ArgumentError =>
    new ArgumentError(
      'alias',
      `Cannot use ${JSON.stringify(text)} as the name of an image of a registry: ${why}`,
    )
  const [named = '', digest, more] = text.split('@')
  const colon = named.indexOf(':')
  const repository = colon < 0 ? named : named.slice(0, colon)
  const tag = colon < 0 ? undefined : named.slice(colon + 1)
  if (!isRepository(repository))
    throw refuse(
      'a repository, such as "library/alpine", has lower-case letters, digits, ".", "_", "-" and "/" only',
    )
  if (tag !== undefined && !tagPattern.test(tag))
    throw refuse('a tag has letters, digits, ".", "_" and "-" only, 128 at most')
  if (more !== undefined || (digest !== undefined && !isDigest(digest)))
    throw refuse('a digest is "sha256:" and 64 hex digits')
  return { repository, tag: tag ?? (digest === undefined ? 'latest' : undefined), digest }
}

/** Whether a registry can have a repository of this name. */
export function isRepository(text: string): boolean {
  return text.length <= 255 && repositoryPattern.test(text)
}

/** Whether it is a digest of the only kind that is verified. */
export function isDigest(text: string): boolean {
  return digestPattern.test(text)
}

/** The name by which a server downloads exactly this content. It has no tag: if it had, Incus 7.0.2 would not say why a download failed. */
export function pinnedName({ repository }: Pick<ImageName, 'repository'>, digest: string): string {
  return `${repository}@${digest}`
}

/** The name without its digest, which stands for whatever the tag means later; undefined if there is no tag. */
export function movingName({ repository, tag }: Pick<ImageName, 'repository' | 'tag'>): string | undefined {
  return tag === undefined ? undefined : `${repository}:${tag}`
}
