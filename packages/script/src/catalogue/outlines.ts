import type { ArgumentFacts } from '../arguments/argument.ts'
import type { CompletedKind } from '../arguments/argument-metadata.ts'

/** An argument as an outline has it: plain data. */
export interface OutlinedArgument extends ArgumentFacts {
  /** `by-script`: the script itself finds the words, so it has to be loaded. */
  completes?: CompletedKind | 'by-script' | undefined
  /** Whether a switch is on unless it is turned off. */
  default?: boolean
}

/** What a build writes down of a command, so that its help and completion need not load it. */
export interface Outline {
  /** The output of `--help`. */
  help: string
  /** Its own arguments, and the flags of every script that it does not refuse. */
  args: readonly OutlinedArgument[]
}

/** The outlines of a program's commands. */
export interface Outlines {
  /** The flags of every script. */
  flags: readonly OutlinedArgument[]
  /** Undefined if no command has this name. */
  of(name: string): Promise<Outline | undefined>
}
