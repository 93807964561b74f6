import type { Script } from '../script.ts'
import type { Catalogue } from './catalogue.ts'
import type { Outlines } from './outlines.ts'

/** A word after the program's name that is not a script. */
export interface ProgramWord {
  description: string
  /** Whether lists and completion leave it out. */
  isHidden?: boolean
  /** Returns the text to print on stdout. */
  run(words: readonly string[]): Promise<string>
}

/** A script that a command line names. */
export interface FoundScript {
  script: Script
  /** Its name in help and errors. */
  name: string
  /** The words after the name. */
  given: readonly string[]
}

/** The words that every program has besides its scripts, each with its description. */
export const commonWords: Readonly<Record<string, string>> = {
  completion: 'Print the completion script of a shell',
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
  /** Command lines for the overview, each with its description. */
  usage: readonly (readonly [line: string, what: string])[]
  /** All of its scripts, by heading. Asked only if a name is not among {@link Program.builtIn}. */
  sections(): Promise<readonly { title: string; catalogue: Catalogue }[]>
  /** The scripts that are found without reading the user's files. */
  builtIn: Catalogue
  /** What the build wrote down of the commands of {@link Program.builtIn}. @default nothing: each is loaded for its help */
  outlines?: Outlines | undefined
  /** The last lines of the overview. */
  footer: string
  /** Words that are not scripts, beside those that every program has. */
  words?: Readonly<Record<string, ProgramWord>>
  /** Finds a script that is not given by its name, but by a path, for example. */
  find?(words: readonly string[]): Promise<FoundScript | undefined>
}
