import { spawnSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { UsageError } from '@hyperkit/script'

/**
 * Imports a file of the user.
 *
 * @param shown its name in errors
 * @throws UsageError the file is missing, is not valid JavaScript, is TypeScript that this Node does not run, or imports a
 * package that is not installed
 */
export async function importFile(path: string, shown: string): Promise<{ default?: unknown }> {
  const file = realPath(path, shown)
  if (/\.m?ts$/.test(file) && !readsTypeScript()) {
    throw new UsageError(
      `${JSON.stringify(shown)} is TypeScript, which Node ${process.versions.node} does not run; use Bun, Deno, Node 22.18 or newer, or a .js or .mjs file`,
    )
  }
  try {
    return (await import(pathToFileURL(file).href)) as { default?: unknown }
  } catch (error) {
    throw explain(error, file, shown)
  }
}

function realPath(path: string, shown: string): string {
  try {
    return realpathSync(path)
  } catch {
    throw new UsageError(`there is no file ${JSON.stringify(shown)}`)
  }
}

function readsTypeScript(): boolean {
  if (process.versions.bun !== undefined || 'deno' in process.versions) return true
  return Boolean((process.features as { typescript?: string | false }).typescript)
}

interface Place {
  line: number
  column: number
  message: string
}

function explain(error: unknown, file: string, shown: string): unknown {
  const place = placeOnBun(error) ?? placeOnDeno(error) ?? placeOnNode(error, file)
  if (place !== undefined) return new UsageError(`${shown}:${place.line}:${place.column}: ${place.message}`)
  const message = error instanceof Error ? error.message : String(error)
  const [, missing] =
    /(?:Cannot find (?:module|package)|Import|Relative import path) ["']([^"']+)["']/.exec(message) ?? []
  if (missing === undefined || missing.startsWith('file:')) return error
  const wayOut = /^(?:@hyperkit\/|valibot$)/.test(missing)
    ? 'install it beside the script, or export a function, as the scripts that `hyperkit new` writes here do'
    : 'install it beside the script'
  return new UsageError(
    `${JSON.stringify(shown)} imports ${JSON.stringify(missing)}, which is not installed there; ${wayOut}`,
  )
}

interface BuildMessage {
  message: string
  position?: { line: number; column: number } | null
}

function placeOnBun(error: unknown): Place | undefined {
  const { errors = [error] } = error as { errors?: unknown[] }
  const [{ message, position } = {} as BuildMessage] = errors as BuildMessage[]
  // An import that cannot be resolved is such a message too.
  if (position === undefined || position === null || /^Cannot find/.test(message)) return undefined
  return { ...position, message }
}

function placeOnDeno(error: unknown): Place | undefined {
  const message = error instanceof Error ? error.message : ''
  const [, what, line, column] = /^SyntaxError: ([^\n]+)[\s\S]*:(\d+):(\d+)$/.exec(message) ?? []
  return what === undefined ? undefined : { line: Number(line), column: Number(column), message: what }
}

/** Node reports only that there is an error; `node --check` reports the place too. */
function placeOnNode(error: unknown, file: string): Place | undefined {
  if (!(error instanceof SyntaxError) || process.versions.bun !== undefined || 'deno' in process.versions)
    return undefined
  const { stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8' })
  const [, line, , caret = ''] = /:(\d+)\n(.*)\n( *)\^/.exec(stderr) ?? []
  return line === undefined
    ? undefined
    : { line: Number(line), column: caret.length + 1, message: error.message }
}
