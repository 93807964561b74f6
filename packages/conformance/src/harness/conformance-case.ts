import type { CaseContext } from './case-context.ts'
import type { Need } from './need.ts'

export interface ConformanceCase {
  /** A sentence that a user would notice: `an uploaded image comes back byte for byte`. */
  name: string
  /** The file's, such as `upload`; a chapter of the matrix. */
  topic: string
  /** @default none */
  needs?: readonly Need[]
  /** Throws where the server or the client does not do what the name says. */
  run(context: CaseContext): Promise<void>
}
