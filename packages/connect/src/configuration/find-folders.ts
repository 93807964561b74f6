import type { Environment } from '../transport/transport-options.ts'
import type { Family } from './families.ts'

/** The folders in which the configuration of one client may be. */
export interface Folders {
  /** Those of the user, in the order in which they are searched. */
  own: string[]
  /** Those of all users, in the same order. */
  global: string[]
  /** The variable that names the user's folder, if one does; then it is the only one. */
  named: string | undefined
}

/** The folders of a client on this system, for this user. */
export function findFolders(
  { variables, folders, globalFolders }: Family,
  environment: Environment,
  home: string,
  system: string,
): Folders {
  const chosen = environment[variables.folder]
  const chosenGlobal = environment[variables.globalFolder]
  const expand = (path: string): string[] => {
    const [, variable, rest] = /^(?:\$(\w+)|~)(.*)$/.exec(path) ?? []
    const start = variable === undefined ? home : environment[variable]
    // A relative path is ignored, as the client ignores it.
    return start !== undefined && isAbsolute(start) ? [`${withoutSlash(start)}${rest}`] : []
  }
  const kind = system === 'darwin' || system === 'win32' ? system : 'linux'
  const usual = folders
    .filter(({ on }) => on === undefined || on === kind)
    .flatMap(({ path }) => expand(path))
  return {
    // Without duplicates, since XDG_CONFIG_HOME often has its default value.
    own: chosen ? [withoutSlash(chosen)] : [...new Set(usual)],
    global: chosenGlobal ? [withoutSlash(chosenGlobal)] : [...globalFolders],
    named: chosen ? variables.folder : undefined,
  }
}

/** The home folder: HOME (USERPROFILE on Windows), else the one that the system has for this user, for example in a service. */
export async function findHome(
  environment: Environment,
  system: string,
  isProcess: boolean,
): Promise<string> {
  const stated = environment.HOME || (system === 'win32' ? environment.USERPROFILE : undefined)
  if (stated || !isProcess) return stated ?? ''
  try {
    return (await import('node:os')).homedir()
  } catch {
    // Deno has no permission for it.
    return ''
  }
}

function isAbsolute(path: string): boolean {
  return /^(?:\/|[A-Za-z]:[\\/])/.test(path)
}

function withoutSlash(path: string): string {
  return path.replace(/(?<=.)[/\\]+$/, '')
}
