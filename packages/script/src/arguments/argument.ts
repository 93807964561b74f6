import type * as v from 'valibot'
import type { CandidateSource, CompletedKind } from './argument-metadata.ts'

/** The schema of a script's arguments: a valibot object, also one with further checks in a pipe. */
export type ArgumentsSchema = v.GenericSchema<Record<string, unknown>, Record<string, unknown>> & {
  readonly entries: Readonly<Record<string, v.GenericSchema>>
}

/** How an argument is written on a command line, and what it is for. */
export interface ArgumentFacts {
  /** `dryRun` */
  key: string
  /** Its name in errors and help: `--dry-run`, or `<image>`. */
  name: string
  kind: 'switch' | 'text' | 'number' | 'pairs'
  isPositional: boolean
  short: string | undefined
  /** The name of the value in help. */
  value: string
  isMany: boolean
  isRequired: boolean
  /** The values that it accepts; empty if it accepts any. */
  choices: readonly string[]
  description: string
}

/** One argument of a command line, read from its schema. */
export interface Argument extends ArgumentFacts {
  default: unknown
  completes: CompletedKind | CandidateSource | undefined
  schema: v.GenericSchema
}
