import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type InputOptions, type OutputChunk, type OutputOptions, type Plugin, rolldown } from 'rolldown'
import { lateVerbs } from './late-verbs.ts'
import { lazyBuiltins } from './lazy-builtins.ts'
import { makeOutlines, outlineSources } from './make-outlines.ts'
import { type ProgramName, virtualSources, webPath } from './programs.ts'
import { nameSharedFiles } from './share-files.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Node loads all of undici for its own `Request`, so a bundle brings classes that are written in plain JavaScript. */
export const plainClasses = Object.fromEntries(
  ['Headers', 'Request', 'Response', 'FormData'].flatMap((name) =>
    [name, `globalThis.${name}`].map((key) => [key, [webPath, name] as [string, string]]),
  ),
)

/** What to bundle, and where to. */
export interface BundleOptions {
  /** A source of its own that is started, or the entry of a command. */
  entry: { name: string; source?: string }
  programs: readonly ProgramName[]
  folder: string
}

/** Bundles commands into a small file that starts, a file for each command, and those that they share. */
export async function bundleProgram({ entry, programs, folder }: BundleOptions): Promise<OutputChunk[]> {
  const made = await Promise.all(
    programs.map(async (program) => outlineSources(program, await makeOutlines(program))),
  )
  const own = entry.source === undefined ? {} : { [`entry:${entry.name}`]: entry.source }
  const sources: Record<string, string> = Object.assign({}, virtualSources(), ...made, own)
  const build = async (shared: ReadonlyMap<string, string>): Promise<OutputChunk[]> => {
    const bundle = await rolldown(inputOf(entry.name, sources))
    const { output } = await bundle.write(outputOf(folder, shared))
    await bundle.close()
    return output.filter((file) => file.type === 'chunk')
  }
  const apart = await build(new Map())
  rmSync(folder, { recursive: true, force: true })
  const chunks = await build(nameSharedFiles(apart))
  for (const { fileName } of chunks) {
    const file = join(folder, fileName)
    writeFileSync(file, escapeForBun(readFileSync(file, 'utf8')))
  }
  writeFileSync(join(folder, 'LICENSES.txt'), licencesOf(chunks))
  return chunks
}

function inputOf(name: string, sources: Readonly<Record<string, string>>): InputOptions {
  return {
    input: { [name]: `entry:${name}` },
    platform: 'node',
    preserveEntrySignatures: 'allow-extension',
    // `ws` is loaded for events only, and differs between the runtimes.
    external: ['ws'],
    resolve: { conditionNames: ['@hyperkit/source', 'node', 'import', 'default'] },
    treeshake: { moduleSideEffects: false },
    transform: { inject: plainClasses },
    plugins: [virtual(sources), scriptsThatAreRun(), lateVerbs(), lazyBuiltins()],
    // How long plugins take depends on the load of the machine, and is no reason to refuse a bundle.
    checks: { bundlerTimings: false },
    onLog(level, log) {
      // A module that one command loads late and another one at once; a test has what is loaded for help.
      if (level === 'warn' && log.code !== 'INEFFECTIVE_DYNAMIC_IMPORT')
        throw new Error(`Cannot bundle "${name}": ${log.message}`)
    },
  }
}

function outputOf(folder: string, shared: ReadonlyMap<string, string>): OutputOptions {
  const name = (id: string): string | null => shared.get(id) ?? null
  return {
    dir: folder,
    format: 'esm',
    minify: { compress: true, mangle: false, codegen: true },
    // Marks the files as transpiled; otherwise Bun would transpile them at every start.
    postBanner: '// @bun',
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [{ name, debugName: 'shared files' }],
    },
    entryFileNames: '[name].js',
    // Names without a hash, so that the code of a new version takes the place of the old one in Node's cache of compiled code.
    chunkFileNames: ({ facadeModuleId }) =>
      facadeModuleId?.startsWith('\0outline:') ? 'outlines/[name].js' : 'chunks/[name].js',
  }
}

function virtual(sources: Readonly<Record<string, string>>): Plugin {
  return {
    name: 'virtual',
    resolveId: (id) => (Object.hasOwn(sources, id) ? `\0${id}` : undefined),
    load: (id) => {
      const code = id.startsWith('\0') ? sources[id.slice(1)] : undefined
      // Entries are all side effect.
      return code === undefined
        ? undefined
        : { code, moduleSideEffects: /^.entry:/.test(id), moduleType: 'js' }
    },
  }
}

/** Bun reads a file that is marked as transpiled as Latin-1, so other characters are written as escapes. */
function escapeForBun(code: string): string {
  return code.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** A script of a bundle never runs by itself, and must not wait for anything when it is loaded. */
function scriptsThatAreRun(): Plugin {
  return {
    name: 'scripts-that-are-run',
    transform(code, id) {
      if (!id.startsWith(join(root, 'scripts/'))) return undefined
      return { code: code.replace(/^await runIfMain\(import\.meta, script\)$/m, ''), map: null }
    },
  }
}

/** The licences of the bundled packages require that their texts are included. */
function licencesOf(chunks: readonly OutputChunk[]): string {
  const modules = chunks.flatMap(({ modules }) => Object.keys(modules))
  const names = new Set(
    modules.flatMap((id) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1] ?? []),
  )
  const texts = [...names].sort().map((name) => {
    return `${name}\n\n${licenceOf(name)}\n`
  })
  return texts.join('\n---\n\n')
}

function licenceOf(name: string): string {
  const folder = join(root, 'node_modules', name)
  const file = readdirSync(folder)
    .sort()
    .find((entry) => /^licen[cs]e/i.test(entry))
  if (file !== undefined) return readFileSync(join(folder, file), 'utf8').trim()
  const { license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { license?: string }
  if (license === undefined) throw new Error(`Cannot bundle "${name}": it has no licence`)
  return `Licence: ${license}`
}
