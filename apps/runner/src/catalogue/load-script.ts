import { isScript, type Script, UsageError } from '@hyperkit/script'

/**
 * The script that a file holds as its default export.
 *
 * @throws UsageError the file is no script
 */
export async function loadScript(url: URL, shown: string): Promise<Script> {
  const module = (await import(url.href)) as { default?: unknown }
  if (isScript(module.default)) return module.default
  throw new UsageError(
    `${JSON.stringify(shown)} is no script: its default export must be defineScript({ … })`,
  )
}
