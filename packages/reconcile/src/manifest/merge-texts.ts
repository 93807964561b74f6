import { checkReferences } from './check-references.ts'
import { isChoice } from './choose-servers.ts'
import type { WrittenImage } from './image-schema.ts'
import type { Problem } from './manifest-error.ts'
import type { WrittenManifest } from './manifest-schema.ts'
import type { Position } from './position.ts'
import type { ReadText } from './read-manifest-text.ts'
import type { Path } from './read-value.ts'

type CheckableText = ReadText & { checkable: WrittenManifest }

/** Finds what several files declare although only one may, and references to what none of them declares. */
export function mergeTexts(reads: readonly ReadText[]): Problem[] {
  const parts = reads.filter((read): read is CheckableText => read.checkable !== undefined)
  // If a file could not be read, everything that it declares would be reported as unknown.
  if (parts.length < reads.length) return []
  const problems: Problem[] = [...findDuplicates(parts)]
  checkTogether(parts, problems)
  return problems
}

function findDuplicates(parts: readonly CheckableText[]): Problem[] {
  const problems: Problem[] = []
  const seen = new Map<string, string>()
  const complain = (part: ReadText, path: Path, message: string): void => {
    if (!part.isReported(path))
      problems.push({ file: part.file, at: part.where(path), message: part.hide(message) })
  }
  const declareOnce = (kind: string, name: string, part: CheckableText, path: Path): void => {
    const key = JSON.stringify([kind, name])
    const place = seen.get(key)
    if (place === undefined) seen.set(key, show(part.file, part.where(path)))
    // A duplicate within one file is reported by `checkTogether`, or by the YAML parser.
    else if (!place.startsWith(`${part.file}:`))
      complain(part, path, `${kind} "${name}" is already declared in ${place}`)
  }
  const [first] = parts
  for (const part of parts) {
    const { name, version: _, servers, images, defaults: __, ...others } = part.checkable
    if (first !== undefined && name !== first.checkable.name) {
      const place = show(first.file, first.where(['name']))
      complain(
        part,
        ['name'],
        `"name" is "${name}" here but "${first.checkable.name}" in ${place}: all files of a manifest must have the same name`,
      )
    }
    for (const server of Object.keys(servers)) declareOnce('server', server, part, ['servers', server])
    images.forEach((image, index) => {
      declareOnce('image', image.name, part, ['images', index, 'name'])
    })
    for (const [key, value] of Object.entries(others))
      if (value !== undefined) declareOnce('key', key, part, [key])
  }
  return problems
}

/** Runs the checks of one manifest over all files together; each problem gets its position in its own file. */
function checkTogether(parts: readonly CheckableText[], problems: Problem[]): void {
  const origins: { part: CheckableText; index: number; inherits: boolean }[] = []
  const images: WrittenImage[] = []
  const names = new Set<string>()
  for (const part of parts) {
    const { servers, serverLabels, allowNoServers } = part.checkable.defaults ?? {}
    const choice = {
      ...(servers === undefined ? {} : { servers }),
      ...(serverLabels === undefined ? {} : { serverLabels }),
      ...(allowNoServers === undefined ? {} : { allowNoServers }),
    }
    part.checkable.images.forEach((image, index) => {
      // A duplicate has been reported already.
      const isDuplicate =
        names.has(image.name) &&
        !part.checkable.images.slice(0, index).some(({ name }) => name === image.name)
      if (isDuplicate) return
      names.add(image.name)
      const inherits = !isChoice(image) && isChoice(choice)
      origins.push({ part, index, inherits })
      const none = allowNoServers === undefined ? {} : { allowNoServers }
      images.push({ ...(inherits ? choice : none), ...image })
    })
  }
  const [first] = parts
  if (first === undefined) return
  const servers = Object.assign({}, ...[...parts].reverse().map((part) => part.checkable.servers))
  const reported = new Set(problems.map((problem) => JSON.stringify(problem)))
  const rollout = parts.map(({ checkable }) => checkable.rollout).find((each) => each !== undefined)
  const whole: WrittenManifest = { ...first.checkable, servers, images, rollout }
  delete whole.defaults
  checkReferences(whole, (path, message, isKey) => {
    const { part, path: own } = originOf(path, parts, origins)
    if (part.isReported(own)) return
    const problem = { file: part.file, at: part.where(own, isKey), message: part.hide(message) }
    if (!reported.has(JSON.stringify(problem))) problems.push(problem)
    reported.add(JSON.stringify(problem))
  })
}

function originOf(
  path: Path,
  parts: readonly CheckableText[],
  origins: readonly { part: CheckableText; index: number; inherits: boolean }[],
): { part: CheckableText; path: Path } {
  const [top, second, ...rest] = path
  const [first] = parts
  if (first === undefined) throw new Error('A manifest needs at least one file')
  if (top === 'servers' && typeof second === 'string') {
    const part = parts.find(({ checkable }) => Object.hasOwn(checkable.servers, second))
    return { part: part ?? first, path }
  }
  if (top === 'rollout')
    return { part: parts.find(({ checkable }) => checkable.rollout !== undefined) ?? first, path }
  const origin = top === 'images' && typeof second === 'number' ? origins[second] : undefined
  if (origin === undefined) return { part: first, path }
  const own: Path =
    origin.inherits && (rest[0] === 'servers' || rest[0] === 'serverLabels')
      ? ['defaults', ...rest]
      : ['images', origin.index, ...rest]
  return { part: origin.part, path: own }
}

function show(file: string, { line, column }: Position): string {
  return `${file}:${line}:${column}`
}
