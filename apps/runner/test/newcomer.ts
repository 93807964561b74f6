import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Ended, runHyperkit } from './start-command.ts'

/** Somebody whose clients were never run: with no configuration and no certificate yet. */
export interface Newcomer {
  home: string
  environment: Record<string, string>
  run(...args: string[]): Promise<Ended>
  /** Whether something is there, as `incus/client.crt`. */
  has(path: string): boolean
  /** A line of a remote in the client's `config.yml`; undefined where it has none. */
  written(client: 'incus' | 'lxc', remote: string, key: string): string | undefined
}

/** @param environment of the test's other commands: what stands in it of places is replaced */
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
