import { checkReferences } from './check-references.ts'
import type { Manifest } from './manifest.ts'
import { ManifestError, type Problem } from './manifest-error.ts'
import { mergeTexts } from './merge-texts.ts'
import { labelsOf, normalizeManifest } from './normalize-manifest.ts'
import { applyPolicy } from './normalize-policy.ts'
import { type ManifestText, type ReadText, readManifestText } from './read-manifest-text.ts'

export type { ManifestText } from './read-manifest-text.ts'

/**
 * Parses a manifest that consists of one file. Only the text is used; nothing is read from disk.
 *
 * @throws {ManifestError} with all mistakes
 */
export function parseManifest(text: ManifestText): Manifest {
  const read = readManifestText(text)
  const problems = [...read.problems]
  if (read.checkable !== undefined)
    checkReferences(read.checkable, (path, message, isKey) => {
      if (!read.isReported(path))
        problems.push({ file: read.file, at: read.where(path, isKey), message: read.hide(message) })
    })
  if (read.written === undefined || problems.length > 0) throw new ManifestError(problems)
  return applyPolicy({ ...normalizeManifest(read.written, read), ...secretsOf([read]) })
}

/**
 * Parses several files as one manifest with all their servers and images. All files must have the same version and name;
 * each server and image may be declared in one file only; `defaults` apply to their own file.
 *
 * @param file the name of the whole manifest in errors and output
 * @throws {ManifestError} with all mistakes in all files
 */
export function parseManifests(texts: readonly ManifestText[], file: string): Manifest {
  const [only] = texts
  if (only !== undefined && texts.length === 1) return parseManifest(only)
  const reads = texts.map((text) => readManifestText(text, true))
  const problems: Problem[] = reads.flatMap((read) => read.problems)
  problems.push(...mergeTexts(reads))
  const written = reads.flatMap((read) =>
    read.written === undefined ? [] : [{ ...read, written: read.written }],
  )
  if (problems.length > 0 || written.length < reads.length) throw new ManifestError(problems)
  const servers = new Map(written.flatMap((read) => [...labelsOf(read.written)]))
  const parts = written.map((read) =>
    normalizeManifest(read.written, {
      file: read.file,
      folder: read.folder,
      servers,
      where: (path) => ({ file: read.file, ...read.where(path) }),
    }),
  )
  return applyPolicy({
    // Every other key is declared in one file only.
    ...Object.assign({}, ...parts.map(definedOnly)),
    file,
    name: parts[0]?.name ?? '',
    servers: parts.flatMap((part) => part.servers),
    images: parts.flatMap((part) => part.images),
    ...secretsOf(reads),
  })
}

function definedOnly(part: Manifest): Partial<Manifest> {
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined))
}

function secretsOf(reads: readonly ReadText[]): Pick<Manifest, 'secrets'> {
  const secrets = new Map(reads.flatMap((read) => read.secrets.map((secret) => [secret.name, secret])))
  return secrets.size === 0 ? {} : { secrets: [...secrets.values()] }
}
