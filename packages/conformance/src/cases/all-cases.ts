import type { ConformanceCase } from '../harness/conformance-case.ts'
import { cases as attributes } from './attributes.ts'
import { cases as images } from './images.ts'
import { cases as server } from './server.ts'
import { cases as upload } from './upload.ts'

/** Every case, by topic in the order of the matrix. */
export const allCases: readonly ConformanceCase[] = [...server, ...images, ...upload, ...attributes]
