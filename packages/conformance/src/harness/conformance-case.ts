import type { CaseContext } from './case-context.ts'
import type { Need } from './need.ts'

export interface ConformanceCase {
  /** A sentence about what a user can notice: `an uploaded image comes back byte for byte`. */
  name: string
  /** The topic of the file, such as `upload`; a section of the matrix. */
  topic: string
  /** @default none */
  needs?: readonly Need[]
  /** Throws if the server or the client does not do what the name says. */
  run(context: CaseContext): Promise<void>
}
