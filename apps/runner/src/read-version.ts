import { existsSync, readFileSync } from 'node:fs'

/** The version of this package: beside `src` and `dist`, or above the bundled command. */
export function readVersion(): string {
  for (const path of ['../package.json', '../../package.json']) {
    const file = new URL(path, import.meta.url)
    if (!existsSync(file)) continue
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name: string; version: string }
    if (name === '@hyperkit/runner') return version
  }
  return 'unknown'
}
