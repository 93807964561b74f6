import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

const names = ['ts', 'mts', 'js', 'mjs', 'json'].map((extension) => `hyperkit.config.${extension}`)

/** The path of the configuration of the folder, or of the nearest folder above that has one, but of none above the home folder. */
export function findConfig(folder: string): string | undefined {
  const found = names.map((name) => join(folder, name)).find((path) => existsSync(path))
  const above = dirname(folder)
  return found ?? (above === folder || folder === homedir() ? undefined : findConfig(above))
}
