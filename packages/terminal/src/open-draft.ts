import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'

/** A text in a temporary file for the user's editor. The file stays until it is discarded, so that no edit is lost. */
export interface Draft {
  readonly path: string
  /** Opens the editor, and gives the saved text. */
  edit(): Promise<string>
  /** Removes the file. */
  discard(): Promise<void>
}

/**
 * Creates a draft that only this user can read.
 *
 * @param filename with the extension by which editors recognize the format
 *
 * @example
 * ```ts
 * const draft = await openDraft('public: false\n', 'image.yaml')
 * console.log(draft.path)
 * await draft.discard()
 * ```
 */
export async function openDraft(text: string, filename: string): Promise<Draft> {
  const path = join(await mkdtemp(join(tmpdir(), 'hyperkit-')), filename)
  await writeFile(path, text, { mode: 0o600 })
  return {
    path,
    async edit() {
      await runEditor(path)
      return readFile(path, 'utf8')
    },
    discard: () => rm(dirname(path), { recursive: true, force: true }),
  }
}

/** Chooses the editor like `incus` and `lxc`: first the variables, which may include arguments, then the usual editors. */
async function runEditor(path: string): Promise<void> {
  const { VISUAL, EDITOR } = process.env
  const chosen = VISUAL || EDITOR
  for (const command of chosen ? [chosen] : ['editor', 'vi', 'nano', 'emacs']) {
    const [program = '', ...args] = command.trim().split(/\s+/)
    const code = await run(program, [...args, path])
    if (code === 0) return
    if (code !== 'absent') throw new Error(`the editor "${command}" ended with ${code}`)
    if (chosen) throw new Error(`there is no editor "${program}"; set VISUAL or EDITOR`)
  }
  throw new Error('there is no editor; set VISUAL or EDITOR')
}

async function run(program: string, args: readonly string[]): Promise<number | 'absent'> {
  // Imported here because every command loads this file, but few open an editor.
  const { spawn } = await import('node:child_process')
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' })
    child.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? resolve('absent') : reject(error),
    )
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
