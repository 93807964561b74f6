import type { Client, Progress, Transport } from '@hyperkit/core'
import type { Draft } from '@hyperkit/terminal'
import type * as v from 'valibot'
import type { ArgumentsSchema } from './arguments/argument.ts'
import type { GlobalFlag } from './arguments/global-flags.ts'
import type { Clients } from './client/open-clients.ts'
import type { Console } from './console/open-console.ts'
import type { Column } from './output/column.ts'
import type { Format } from './output/format.ts'

/** What a script works with, whatever its arguments are. */
export interface ScriptTools {
  /** Aborted by Ctrl-C, SIGTERM and `--timeout`. Clients pass it on by themselves; give it to everything else. */
  signal: AbortSignal
  /** The command as the user calls it: `hyperkit list`, or `list.ts` for a script that runs by itself. */
  command: string
  /** The version of the program that runs the script; undefined if the script runs by itself. */
  version: string | undefined
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
  /** The terminal, for texts that are safe and laid out already; `print` and `log` make them so. */
  console: Console
  /** For transports that the script opens by itself, so that `--debug` and recordings see their requests. */
  wrapTransport(transport: Transport): Transport
  /**
   * Reports a failure on stderr that does not end the script, which from then on ends with 1; gives that exit code. With
   * `--json` it stands in the `error` of the result.
   */
  fail(message: string, options?: FailOptions): number
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

/** Options of `fail` of a script. */
export interface FailOptions {
  /** A word for programs. @default 'failed' */
  code?: string
  /** Whether the result shows it already, so that it is not printed again. @default false */
  isShown?: boolean
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
  /**
   * Flags of every script that make no sense for this one, each with the reason: they are refused with it.
   *
   * @default none
   */
  refuses?: Partial<Record<GlobalFlag, string>>
  /** Flags of every script that `args` of this one declares again, with a meaning of its own. @default none */
  declares?: readonly GlobalFlag[]
  /**
   * `true` for a script that acts on `dryRun` itself, because its calls are not made by the clients that it is given.
   *
   * @default false
   */
  handlesDryRun?: boolean
  /**
   * Exit codes that report a result and no failure, each with what it says.
   *
   * @default none but 0
   */
  exitCodes?: Readonly<Record<number, string>>
  /**
   * How long the script may take to end in order after Ctrl-C, SIGTERM or `--timeout`, in milliseconds.
   *
   * @default 10000
   */
  grace?: number
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
  readonly refuses: Partial<Record<GlobalFlag, string>> | undefined
  readonly declares: readonly GlobalFlag[] | undefined
  readonly handlesDryRun: boolean | undefined
  readonly exitCodes: Readonly<Record<number, string>> | undefined
  readonly grace: number | undefined
  /** Does the work; the number that it gives is the exit code, 0 without one. */
  run(context: ScriptTools & { args: unknown; client?: Client }): Promise<number | undefined>
}
