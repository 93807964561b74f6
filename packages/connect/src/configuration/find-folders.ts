import type { Environment } from '../transport/transport-options.ts'
import type { Family } from './families.ts'

/** Where the configuration of one client may be. */
export interface Folders {
  /** In the order in which they are looked at. */
  own: string[]
  /** Those of all users, likewise. */
  global: string[]
  /** The variable that names the only own one, where it does. */
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
    // A relative one is ignored, as the client does.
    return start !== undefined && isAbsolute(start) ? [`${withoutSlash(start)}${rest}`] : []
  }
  const kind = system === 'darwin' || system === 'win32' ? system : 'linux'
  const usual = folders
    .filter(({ on }) => on === undefined || on === kind)
    .flatMap(({ path }) => expand(path))
  return {
    // XDG_CONFIG_HOME often is what it would be without it.
    own: chosen ? [withoutSlash(chosen)] : [...new Set(usual)],
    global: chosenGlobal ? [withoutSlash(chosenGlobal)] : [...globalFolders],
    named: chosen ? variables.folder : undefined,
  }
}

/** The home folder: HOME, which Windows calls otherwise, else what the system knows of this user, as for a service. */
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
    // Deno, where that was not permitted.
    return ''
  }
}

function isAbsolute(path: string): boolean {
  return /^(?:\/|[A-Za-z]:[\\/])/.test(path)
}

function withoutSlash(path: string): string {
  return path.replace(/(?<=.)[/\\]+$/, '')
}
