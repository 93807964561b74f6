import { commands } from '@hyperkit/reconciler/commands'
import { manifestCommands } from '@hyperkit/runner'
import { globalArguments, type Outline, outlineArgument, outlineScript } from '@hyperkit/script/command'
import { type ProgramName, scriptNames } from './programs.ts'

/** What is written down of one program: help and arguments of each command. */
export interface MadeOutlines {
  flags: readonly object[]
  descriptions: Record<string, string>
  outlines: Record<string, Outline>
}

/** Reads the outlines of a program's commands from their sources. */
export async function makeOutlines(program: ProgramName): Promise<MadeOutlines> {
  const loaded =
    program === 'hyperkit'
      ? [...(await loadScripts()), ...(await loadTable(manifestCommands))]
      : await loadTable(commands)
  return {
    flags: globalArguments.map(outlineArgument),
    descriptions: Object.fromEntries(loaded.map(({ name, script }) => [name, script.description])),
    outlines: Object.fromEntries(
      loaded.map(({ name, script }) => [name, outlineScript(script, `${program} ${name}`)]),
    ),
  }
}

/** The sources of a bundle that hold outlines, by what they are imported as. */
export function outlineSources(
  program: ProgramName,
  { flags, descriptions, outlines }: MadeOutlines,
): Record<string, string> {
  const names = Object.keys(outlines)
  const loads = names.map((name) => `  '${name}': () => import('outline:${program}/${name}'),`)
  return {
    [`outlines:${program}`]: `export const descriptions = ${JSON.stringify(descriptions)}
const loads = {
${loads.join('\n')}
}
export const outlines = {
  flags: ${JSON.stringify(flags)},
  of: async (name) => (Object.hasOwn(loads, name) ? (await loads[name]()).default : undefined),
}`,
    ...Object.fromEntries(
      names.map((name) => [`outline:${program}/${name}`, `export default ${JSON.stringify(outlines[name])}`]),
    ),
  }
}

type Loaded = { name: string; script: Parameters<typeof outlineScript>[0] }

async function loadScripts(): Promise<Loaded[]> {
  return Promise.all(
    scriptNames().map(async (name) => {
      const module = (await import(`@hyperkit/scripts/${name}`)) as { default: Loaded['script'] }
      return { name, script: module.default }
    }),
  )
}

async function loadTable(table: typeof commands): Promise<Loaded[]> {
  return Promise.all(table.map(async ({ name, load }) => ({ name, script: (await load()).default })))
}
