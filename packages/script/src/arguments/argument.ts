import type * as v from 'valibot'
import type { CandidateSource, CompletedKind } from './argument-metadata.ts'

/** The schema of a script's arguments: a valibot object, also one with further checks in a pipe. */
export type ArgumentsSchema = v.GenericSchema<Record<string, unknown>, Record<string, unknown>> & {
  readonly entries: Readonly<Record<string, v.GenericSchema>>
}

/** One argument as the command line knows it, read from its schema. */
export interface Argument {
  /** `dryRun` */
  key: string
  /** How errors and help name it: `--dry-run`, or `<image>`. */
  name: string
  kind: 'switch' | 'text' | 'number' | 'pairs'
  isPositional: boolean
  short: string | undefined
  /** How help calls the value. */
  value: string
  isMany: boolean
  isRequired: boolean
  default: unknown
  /** What it can be; empty where it is free. */
  choices: readonly string[]
  description: string
  completes: CompletedKind | CandidateSource | undefined
  schema: v.GenericSchema
}
