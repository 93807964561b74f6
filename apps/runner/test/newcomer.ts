import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Ended, runHyperkit } from './start-command.ts'

/** A user who has never run a client, and so has no configuration and no certificate. */
export interface Newcomer {
  home: string
  environment: Record<string, string>
  run(...args: string[]): Promise<Ended>
  /** Whether a file such as `incus/client.crt` exists. */
  has(path: string): boolean
  /** The value of a key of a remote in the client's `config.yml`; undefined if there is none. */
  written(client: 'incus' | 'lxc', remote: string, key: string): string | undefined
}

/** @param environment the environment of the test's other commands, whose folders are replaced */
export function makeNewcomer(cwd: string, name: string, environment: Record<string, string>): Newcomer {
  const home = join(cwd, name)
  const folders = { HOME: home, INCUS_CONF: join(home, 'incus'), LXD_CONF: join(home, 'lxc') }
  const own = { ...environment, ...folders }
  return {
    home,
    environment: own,
    run: (...args) => runHyperkit(args, { cwd, environment: own }),
    has: (path) => existsSync(join(home, path)),
    written: (client, remote, key) =>
      new RegExp(`  ${remote}:\\n(?: {4}.*\\n)*? {4}${key}: (.*)\\n`).exec(
        readFileSync(join(home, client, 'config.yml'), 'utf8'),
      )?.[1],
  }
}
