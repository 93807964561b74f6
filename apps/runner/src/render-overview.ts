import type { Script } from '@hyperkit/script'
import { padToWidth, showText } from '@hyperkit/terminal/text'
import type { Catalogue } from './catalogue/catalogue.ts'

/** What `--list` shows: a line for each script. */
export async function renderList(catalogue: Catalogue): Promise<string> {
  const names = await catalogue.names()
  const scripts = await Promise.all(names.map((name) => describe(catalogue, name)))
  const width = Math.max(0, ...names.map((name) => name.length))
  return names.map((name, index) => `${padToWidth(name, width)}  ${scripts[index]}\n`).join('')
}

/** One broken file of the user's does not hide the others. */
async function describe(catalogue: Catalogue, name: string): Promise<string> {
  const script: Script | string | undefined = await catalogue
    .load(name)
    .catch((error: unknown) => String(error))
  return showText(typeof script === 'string' ? `(${script})` : (script?.description ?? ''))
}

/** What `--help` shows. */
export function renderOverview(program: string, list: string): string {
  return `Image commands for LXD and Incus servers, each a script

Usage:
  ${program} <script> [flags]            one of those below; also as two words: alias list, image list
  ${program} ./own.ts [flags]            a script of your own; - reads one from stdin
  ${program} init <name>                 writes one
  ${program} completion bash|zsh|fish    prints what a shell needs to complete command lines
  ${program} --list, --version

Scripts:
${list.replace(/^(?=.)/gm, '  ')}
A folder of scripts of your own is named in hyperkit.config.ts (.js, .mjs, .json): export default { scripts: './ops' }.
${program} <script> --help tells the flags of a script.
`
}
