import type { Client, Progress } from '@hyperkit/core'
import type { Draft } from '@hyperkit/terminal'
import type * as v from 'valibot'
import type { ArgumentsSchema } from './arguments/argument.ts'
import type { Clients } from './client/open-clients.ts'
import type { Column } from './output/column.ts'
import type { Format } from './output/format.ts'

/** What a script works with, whatever its arguments are. */
export interface ScriptTools {
  /** Aborted by Ctrl-C, SIGTERM and `--timeout`. Clients pass it on by themselves; give it to everything else. */
  signal: AbortSignal
  /** Whether `--json` was given. */
  json: boolean
  /** Whether `--dry-run` was given. */
  dryRun: boolean
  /** Of `--project`. */
  project: string | undefined
  /** Of `--remote`. */
  remote: string | undefined
  /** A client for another remote, under the same signal and dry run. */
  connect: Clients['connect']
  /** Takes `prod:alpine` apart and connects to `prod`; without a remote, to the one of `--remote` or the default one. */
  reach: Clients['reach']
  /** As `reach`, also for a remote such as `images`, which is a simplestreams server: where images come from. */
  reachSource: Clients['reachSource']
  /** A note on stderr, for people; none with `--quiet`. */
  log(line: string): void
  /** A warning on stderr, also with `--quiet`: what went wrong although the script goes on. Clients report theirs by themselves. */
  warn(line: string): void
  /** The warnings so far, the clients' too, for a result in JSON. */
  readonly warnings: readonly string[]
  /** Lines of the result on stdout. What a terminal would obey is written out. */
  print(text: string): void
  /** The result: one JSON document with `--json`, else the text. */
  result(document: unknown, text: string): void
  /** The result as records: YAML documents, or with `--json` one JSON document (a list unless there is one). */
  records(records: readonly unknown[]): void
  /** A result in rows, in the format of the script's flag `--format`; `--json` wins. */
  rows<Row>(rows: readonly Row[], options: RowsOptions<Row>): void
  /** Runs a step that takes long, and shows on stderr how far it is. */
  progress<T>(label: string, step: (onProgress: (progress: Progress) => void) => Promise<T>): Promise<T>
  /**
   * Runs a step that changes something. Under `--dry-run` the step ends at its first changing call, which is listed, and
   * gives undefined: there is no result. Without it the whole script ends there.
   */
  change<T>(step: () => Promise<T>): Promise<T | undefined>
  /** Asks on the terminal for a yes; where nobody can be asked it throws. */
  confirm(question: string): Promise<boolean>
  /** Asks on the terminal for a line, where `isInteractive`; an empty one is the preset. */
  ask(question: string, preset?: string): Promise<string>
  /** Whether there is somebody to ask. */
  isInteractive(): boolean
  /** What was piped in, as text; undefined where stdin is a terminal. */
  input(): Promise<string | undefined>
  /** A text in a file of its own, for the user's editor (VISUAL, EDITOR); it stays until it is discarded. */
  draft(text: string, filename: string): Promise<Draft>
}

/** How `rows` of a script shows what it is given. */
export interface RowsOptions<Row> {
  columns: readonly Column<Row>[]
  /** @default a table with a head */
  format?: Format | undefined
  /** What stands in JSON and YAML for a row. @default the row itself */
  record?: ((row: Row) => unknown) | undefined
}

/** What `run` of a script is given. */
export type ScriptContext<Args, Connects extends boolean> = ScriptTools & {
  args: Args
} & (Connects extends false
    ? unknown
    : {
        /** For the server of `--remote`, else the default remote. */
        client: Client
      })

/** What {@link defineScript} takes. */
export interface ScriptDefinition<Schema extends ArgumentsSchema, Connects extends boolean> {
  /** One sentence without a period. */
  description: string
  /** More, for `--help`. */
  details?: string
  /** A valibot object: its keys are the flags, or with `positional()` the words without one. */
  args?: Schema
  /** Command lines, for `--help`. */
  examples?: readonly string[]
  /**
   * `false` for a script that has no one server: it gets no `client`, and connects with `connect` or `reach`.
   * @default true
   */
  connects?: Connects
  /** Does it; a number is the exit code. */
  run(
    context: ScriptContext<v.InferOutput<Schema>, Connects>,
    // biome-ignore lint/suspicious/noConfusingVoidType: a script that returns nothing is the usual one
  ): Promise<number | void> | number | void
}

/** A script, ready to be run by `hyperkit` or by itself. */
export interface Script {
  readonly description: string
  readonly details: string | undefined
  readonly examples: readonly string[]
  readonly args: ArgumentsSchema
  readonly connects: boolean
  /** Does the work; the number that it gives is the exit code, 0 without one. */
  run(context: ScriptTools & { args: unknown; client?: Client }): Promise<number | undefined>
}
