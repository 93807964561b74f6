const { process } = globalThis
// An import of `node:fs` or `node:process` reads each of its exports, and so makes Node load streams, promises of files and readline.
const { lstatSync, mkdirSync, statSync } = process.getBuiltinModule('node:fs')
const { homedir } = process.getBuiltinModule('node:os')
const { dirname, join } = process.getBuiltinModule('node:path')

/** Since Node 22.1. Bun and Deno keep no such code, or do it by themselves. */
type Enable = (directory: string) => unknown

/**
 * Lets Node keep the compiled code of this program in `$XDG_CACHE_HOME/hyperkit/compile` (default `~/.cache`), so that later
 * starts need not compile it again. It must be called before the code is imported.
 *
 * Node runs what it finds there, so nobody else may be able to write to it: the directory belongs to this user, is no link, and has the
 * mode 0700. If that is not so, or nothing can be written there, nothing is kept. A dry run keeps code too, because that says nothing
 * of what the run was about.
 *
 * @example
 * ```ts
 * import { keepCompiledCode } from '@hyperkit/script/command'
 *
 * keepCompiledCode()
 * ```
 */
export function keepCompiledCode(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): void {
  const module = process.getBuiltinModule('node:module')
  const { enableCompileCache: enable } = module as { enableCompileCache?: Enable }
  const isOther = process.versions.bun !== undefined || 'deno' in process.versions
  // The user's own choice of a directory stays.
  if (enable === undefined || environment.NODE_COMPILE_CACHE || isOther) return
  try {
    const directory = preparePrivate(environment)
    if (directory !== undefined) enable.call(module, directory)
  } catch {
    // A cache that cannot be written is no error: then the code is compiled again.
  }
}

/**
 * The directory for compiled code, made if need be; undefined if another user could write to it.
 *
 * @throws if it cannot be made
 */
export function preparePrivate({
  XDG_CACHE_HOME: given,
}: Readonly<Record<string, string | undefined>>): string | undefined {
  const cache = given === undefined || given === '' ? join(homedir(), '.cache') : given
  const [own, directory] = [join(cache, 'hyperkit'), join(cache, 'hyperkit', 'compile')]
  if (isPrivate(directory) && isPrivate(own)) return directory
  // With sudo, HOME can be another user's: root must not leave files there that this user cannot write.
  if (!isOwn(statSync(exists(cache) ? cache : dirname(cache)))) return undefined
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  return isPrivate(directory) && isPrivate(own) ? directory : undefined
}

interface Found {
  uid: number
  mode: number
  isDirectory(): boolean
}

function isPrivate(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found !== undefined && isOwn(found) && found.isDirectory() && (found.mode & 0o022) === 0
}

function isOwn({ uid }: Pick<Found, 'uid'>): boolean {
  return uid === process.geteuid?.()
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}
