import { existsSync, readFileSync } from 'node:fs'

/**
 * The version of a package from its own `package.json`, at most three folders above a module of it: beside `src` and
 * `dist`, or above a bundle.
 *
 * @param url the module's `import.meta.url`
 *
 * @example
 * ```ts
 * import { readPackageVersion } from '@hyperkit/script/command'
 *
 * console.log(readPackageVersion(import.meta.url, 'my-commands'))
 * ```
 */
export function readPackageVersion(url: string, name: string): string {
  for (const path of ['../package.json', '../../package.json', '../../../package.json']) {
    const file = new URL(path, url)
    if (!existsSync(file)) continue
    const found = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string }
    if (found.name === name) return found.version ?? 'unknown'
  }
  return 'unknown'
}
