import type { ConformanceCase } from '../harness/conformance-case.ts'
import { cases as upload } from './upload.ts'

/** Every case, by topic in the order of the matrix. */
export const allCases: readonly ConformanceCase[] = [...upload]
