import type { InspectedFile } from '../disk/inspect-file.ts'
import { areSettled, stateOfAll } from '../disk/state-cache.ts'
import type { FileFormat } from './detect-format.ts'

// Shared by the whole process on purpose: a gzip file is inflated to find out if it is whole, and several uploads need to know it.
// An entry says something about a state of a file only, so callers cannot affect each other.
const formats = new Map<string, FileFormat>()

const most = 1000

/** The format of a file that this process found whole before, if it is unchanged since then. */
export function recallFormat(file: InspectedFile): FileFormat | undefined {
  return formats.get(stateOfAll([file]))
}

/** @param before the file as it was before it was read */
export function rememberFormat(before: InspectedFile, format: FileFormat, begun: number): void {
  if (!areSettled([before], begun)) return
  const [oldest] = formats.keys()
  if (formats.size >= most && oldest !== undefined) formats.delete(oldest)
  formats.set(stateOfAll([before]), format)
}
