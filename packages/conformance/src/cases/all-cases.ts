import type { ConformanceCase } from '../harness/conformance-case.ts'
import { cases as aliasNames } from './alias-names.ts'
import { cases as aliases } from './aliases.ts'
import { cases as attributes } from './attributes.ts'
import { cases as deletes } from './delete.ts'
import { cases as exports } from './export.ts'
import { cases as images } from './images.ts'
import { cases as server } from './server.ts'
import { cases as update } from './update.ts'
import { cases as upload } from './upload.ts'

/** Every case, by topic in the order of the matrix. */
export const allCases: readonly ConformanceCase[] = [
  ...server,
  ...images,
  ...upload,
  ...attributes,
  ...update,
  ...deletes,
  ...exports,
  ...aliases,
  ...aliasNames,
]
