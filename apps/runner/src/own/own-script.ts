import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { isScript, type Script, UsageError } from '@hyperkit/script'
import { importFile } from './import-file.ts'
import { loadPackage, type OfferedPackages, offerPackages } from './offer-packages.ts'

/** Whether a word is the path of a file, such as `./own.ts`, `ops/own.ts` or `own.mjs`, and not the name of a script. */
export function isPath(word: string): boolean {
  return word.includes('/') || word.startsWith('.') || /\.m?[jt]s$/.test(word)
}

/**
 * Loads the script in a user's file: its default export, or the result of that if it is a function.
 *
 * @throws UsageError the file has no script
 */
export async function loadOwnScript(
  path: string,
  shown: string,
  packages: OfferedPackages | undefined,
): Promise<Script> {
  offerPackages(packages)
  const { default: exported } = await importFile(resolve(path), shown)
  const made: unknown = typeof exported === 'function' ? await exported(await loadKit(packages)) : exported
  if (isScript(made)) return made
  throw new UsageError(
    `${JSON.stringify(shown)} is not a script: its default export must be defineScript({ … }), or a function that returns one`,
  )
}

/** The tools that a script written as a function receives: all of `@hyperkit/script`, and valibot as `v`. */
async function loadKit(packages: OfferedPackages | undefined): Promise<object> {
  return { ...(await loadPackage('@hyperkit/script', packages)), v: await loadPackage('valibot', packages) }
}

/** Loads the script that is piped into stdin. */
export async function loadScriptFromStdin(packages: OfferedPackages | undefined): Promise<Script> {
  const chunks: Uint8Array[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array)
  const text = Buffer.concat(chunks).toString('utf8')
  if (text.trim() === '') throw new UsageError('stdin is empty; pipe a script into it')
  const folder = await mkdtemp(join(tmpdir(), 'hyperkit-stdin-'))
  try {
    const isTyped = process.versions.bun !== undefined || 'deno' in process.versions
    const file = join(folder, isTyped ? 'stdin.ts' : 'stdin.mjs')
    await writeFile(file, text)
    return await loadOwnScript(file, 'stdin', packages)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
