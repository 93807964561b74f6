import type { Client, Progress, Transport } from '@hyperkit/core'
import type { Draft } from '@hyperkit/terminal'
import type * as v from 'valibot'
import type { ArgumentsSchema } from './arguments/argument.ts'
import type { GlobalFlag } from './arguments/global-flags.ts'
import type { Clients } from './client/open-clients.ts'
import type { Console } from './console/open-console.ts'
import type { Column } from './output/column.ts'
import type { Format } from './output/format.ts'

/** The tools of a script, besides its arguments. */
export interface ScriptTools {
  /** Aborted by Ctrl-C, SIGTERM and `--timeout`. Clients pass it on by themselves; give it to everything else. */
  signal: AbortSignal
  /** The command as the user typed it: `hyperkit list`, or `list.ts` for a script that runs by itself. */
  command: string
  /** The version of the program that runs the script; undefined if the script runs by itself. */
  version: string | undefined
  /** Whether `--json` was given. */
  json: boolean
  /** Whether `--dry-run` was given. */
  dryRun: boolean
  /** The value of `--project`. */
  project: string | undefined
  /** The value of `--remote`. */
  remote: string | undefined
  /** A client for another remote, under the same signal and dry run. */
  connect: Clients['connect']
  /** Splits `prod:alpine` and connects to `prod`; without a remote, to the one of `--remote` or the default one. */
  reach: Clients['reach']
  /** As `reach`, also for a remote such as `images`, which is a simplestreams server: a source of images. */
  reachSource: Clients['reachSource']
  /** Prints a note on stderr, unless `--quiet` is given. */
  log(line: string): void
  /** The terminal, for texts that are already safe and formatted; `print` and `log` make texts safe. */
  console: Console
  /** Wraps a transport that the script opens by itself, so that `--debug`, `--max-document` and recordings apply to it. */
  wrapTransport(transport: Transport): Transport
  /** The value of `--max-document`, in bytes. */
  maxDocument: number | undefined
  /**
   * Reports a failure on stderr without ending the script, whose exit code is 1 from then on; returns that exit code. With
   * `--json` the failure is in the `error` of the result.
   */
  fail(message: string, options?: FailOptions): number
  /** Prints a warning on stderr, even with `--quiet`. Clients report their warnings by themselves. */
  warn(line: string): void
  /** The warnings so far, including those of clients, for a result in JSON. */
  readonly warnings: readonly string[]
  /** Prints lines of the result on stdout. Control characters are escaped. */
  print(text: string): void
  /** Prints the result: one JSON document with `--json`, otherwise the text. */
  result(document: unknown, text: string): void
  /** Prints the result as records: YAML documents, or with `--json` one JSON document (a list unless there is one record). */
  records(records: readonly unknown[]): void
  /** Prints a result in rows, in the format of the script's flag `--format`; `--json` takes precedence. */
  rows<Row>(rows: readonly Row[], options: RowsOptions<Row>): void
  /** Runs a long step and shows its progress on stderr. */
  progress<T>(label: string, step: (onProgress: (progress: Progress) => void) => Promise<T>): Promise<T>
  /**
   * Runs a step that changes something. Under `--dry-run` the step ends at its first changing call, which is listed, and
   * returns undefined. Without `change` the whole script ends at that call.
   */
  change<T>(step: () => Promise<T>): Promise<T | undefined>
  /**
   * Announces what is about to be done on this machine, such as `write "a.yaml"`. Under `--dry-run` it is listed, and the script must
   * not do it: `if (would('write "a.yaml"')) return`.
   *
   * @returns whether this is a dry run
   */
  would(deed: string): boolean
  /** Asks on the terminal for a yes; throws if there is no terminal. */
  confirm(question: string): Promise<boolean>
  /** Asks on the terminal for a line; an empty line means the preset. Throws if there is no terminal. */
  ask(question: string, preset?: string): Promise<string>
  /** Whether there is a terminal to ask on. */
  isInteractive(): boolean
  /** The text that was piped into stdin; undefined if stdin is a terminal. */
  input(): Promise<string | undefined>
  /** A text in a file of its own, for the user's editor (VISUAL, EDITOR); it stays until it is discarded. */
  draft(text: string, filename: string): Promise<Draft>
}

/** Options of `fail` of a script. */
export interface FailOptions {
  /** A word for programs. @default 'failed' */
  code?: string
  /** Whether the result already shows it, so that it is not printed again. @default false */
  isShown?: boolean
}

/** Options of `rows` of a script. */
export interface RowsOptions<Row> {
  columns: readonly Column<Row>[]
  /** @default a table with a head */
  format?: Format | undefined
  /** The record of a row in JSON and YAML. @default the row itself */
  record?: ((row: Row) => unknown) | undefined
}

/** The argument of `run` of a script. */
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
  /** A valibot object whose keys are the flags, or with `positional()` the positional arguments. */
  args?: Schema
  /** Command lines, for `--help`. */
  examples?: readonly string[]
  /**
   * `false` for a script without a single server: it gets no `client`, and connects with `connect` or `reach`.
   * @default true
   */
  connects?: Connects
  /**
   * Flags of every script that this one refuses, each with the reason.
   *
   * @default none
   */
  refuses?: Partial<Record<GlobalFlag, string>>
  /** Flags of every script that `args` redeclares with another meaning. @default none */
  declares?: readonly GlobalFlag[]
  /**
   * `true` for a script that implements `dryRun` itself, because it does not use the clients that it is given.
   *
   * @default false
   */
  handlesDryRun?: boolean
  /**
   * Exit codes that report a result, not a failure, each with its meaning.
   *
   * @default none but 0
   */
  exitCodes?: Readonly<Record<number, string>>
  /**
   * How long the script may take to end cleanly after Ctrl-C, SIGTERM or `--timeout`, in milliseconds.
   *
   * @default 10000
   */
  grace?: number
  /** Does the work; a returned number is the exit code. */
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
  readonly refuses: Partial<Record<GlobalFlag, string>> | undefined
  readonly declares: readonly GlobalFlag[] | undefined
  readonly handlesDryRun: boolean | undefined
  readonly exitCodes: Readonly<Record<number, string>> | undefined
  readonly grace: number | undefined
  /** Does the work; a returned number is the exit code, 0 without one. */
  run(context: ScriptTools & { args: unknown; client?: Client }): Promise<number | undefined>
}
