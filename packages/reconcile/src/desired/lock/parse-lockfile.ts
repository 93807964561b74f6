import * as v from 'valibot'
import { isMap, LineCounter, type Node, parseDocument } from 'yaml'
import { lockfileSchema } from '../../documents/lock-file.ts'
import { explainIssue } from '../../manifest/explain-issue.ts'
import { explainErrors, refuseDocument } from '../../manifest/explain-syntax.ts'
import type { Position } from '../../manifest/manifest.ts'
import { ManifestError, type Problem } from '../../manifest/manifest-error.ts'
import { type Path, readValue } from '../../manifest/read-value.ts'
import type { ReadLockfile } from './lockfile.ts'

/**
 * Parses a lock file as strictly as a manifest: a badly merged lock file must not lock the wrong content.
 *
 * @throws {ManifestError} with all mistakes
 */
export function parseLockfile(file: string, text: string): ReadLockfile {
  const lines = new LineCounter()
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const problems: Problem[] = []
  const report = (node: Node | null | undefined, message: string): void => {
    problems.push({ file, at: at(node?.range?.[0] ?? 0), message })
  }
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  for (const { offset, message } of explainErrors(document, text, 'a lock file'))
    problems.push({ file, at: at(offset), message })
  if (document.errors.length > 0) throw new ManifestError(problems)
  const refusal = refuseDocument(document, 'the lock file is empty: run "update" to write it')
  if (refusal !== undefined) report(refusal.node, refusal.message)
  else if (!isMap(document.contents)) report(document.contents, 'the lock file must be a map')
  if (problems.length > 0) throw new ManifestError(problems)

  const { value, find, isReported } = readValue(document, lockfileSchema, report)
  const nodeAt = (path: Path): Node | undefined => {
    const found = find(path)
    return found === undefined && path.length > 0 ? nodeAt(path.slice(0, -1)) : (found?.value ?? found?.key)
  }
  const result = v.safeParse(lockfileSchema, value)
  for (const issue of result.issues ?? []) {
    const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)))
    const node = nodeAt(path)
    if (!isReported(path)) report(node, explainIssue(issue, path, node, 'the lock file'))
  }
  if (!result.success) throw new ManifestError(problems)
  const places = new Map<string, Position>()
  result.output.images.forEach(({ name }, index) => {
    const node = nodeAt(['images', index, 'name'])
    if (places.has(name)) report(node, `image "${name}" is listed twice in the lock file`)
    else places.set(name, at(node?.range?.[0] ?? 0))
  })
  if (problems.length > 0) throw new ManifestError(problems)
  return { file, images: result.output.images, places }
}
