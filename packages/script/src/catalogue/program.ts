import type { Script } from '../script.ts'
import type { Catalogue } from './catalogue.ts'

/** A word behind the program's name that is not a script. */
export interface ProgramWord {
  description: string
  /** Whether lists and completion leave it out. */
  isHidden?: boolean
  /** What it prints on stdout. */
  run(words: readonly string[]): Promise<string>
}

/** A script that a command line names. */
export interface FoundScript {
  script: Script
  /** As help and errors call it. */
  name: string
  /** The words behind the name. */
  given: readonly string[]
}

/** The words that every program has beside its scripts, each with what it does. */
export const commonWords: Readonly<Record<string, string>> = {
  completion: 'Print what a shell needs to complete command lines',
  help: 'Show the flags of a command',
  version: 'Show the version',
}

/** A command line program whose commands are scripts. */
export interface Program {
  /** `hyperkit` */
  name: string
  /** One sentence without a period. */
  description: string
  version: string
  /** Command lines for the overview, each with what it does. */
  usage: readonly (readonly [line: string, what: string])[]
  /** All of its scripts, by heading. Asked only if a name is not among {@link Program.builtIn}. */
  sections(): Promise<readonly { title: string; catalogue: Catalogue }[]>
  /** The scripts that are found without a look at the user's files. */
  builtIn: Catalogue
  /** The last lines of the overview. */
  footer: string
  /** Words that are not scripts, beside those that every program has. */
  words?: Readonly<Record<string, ProgramWord>>
  /** A script that is named in another way than by its name: a path, say. */
  find?(words: readonly string[]): Promise<FoundScript | undefined>
}
