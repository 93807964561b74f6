import { runTool } from '../packaging/run-tool.ts'

/** One exported name of a package. */
export interface PublicExport {
  name: string
  kind: 'function' | 'class' | 'variable' | 'interface' | 'typeAlias'
  /** Path of its declaration from the package's `src`, without `.ts`: `images/get-image`. */
  module: string
  doc: string
  tags: DocTag[]
  /** Methods of an interface that have no comment. */
  silentMethods: string[]
}

/** `@throws`, `@example` and the like, as written. */
export interface DocTag {
  kind: string
  name?: string
  /** The text in braces after `@throws`. */
  tsType?: { repr: string }
  doc?: string
}

/** An entry of a package: its own comment, and its names in the order of the file. */
export interface ReadEntry {
  doc: string
  tags: DocTag[]
  exports: PublicExport[]
}

interface DenoDocument {
  nodes: Record<
    string,
    {
      module_doc?: { doc?: string; tags?: DocTag[] }
      symbols: { name: string; declarations: DenoDeclaration[] }[]
    }
  >
}

interface DenoDeclaration {
  kind: string
  location: { filename: string }
  jsDoc?: { doc?: string; tags?: DocTag[] }
  def?: { methods?: { name: string; jsDoc?: unknown }[] }
}

/** Reads the exports of an entry with `deno doc`, which needs no network. */
export function readEntry(root: string, entry: string): ReadEntry {
  const result = runTool(`${root}/node_modules/.bin/deno`, ['doc', '--quiet', '--json', entry], { cwd: root })
  if (!result.ok) throw new Error(`Cannot read the exports of "${entry}": deno said ${result.output}`)
  const { nodes } = JSON.parse(result.stdout) as DenoDocument
  const files = Object.values(nodes)
  const exports = files
    .flatMap(({ symbols }) => symbols)
    .map(({ name, declarations }) => {
      // Overloads share a name, and the comment of one of them applies to all.
      const told = declarations.find(({ jsDoc }) => jsDoc !== undefined) ?? declarations[0]
      if (told === undefined) throw new Error(`Cannot read the export "${name}" of "${entry}"`)
      return {
        name,
        kind: told.kind as PublicExport['kind'],
        module: told.location.filename.replace(/^.*\/src\//, '').replace(/\.ts$/, ''),
        doc: told.jsDoc?.doc?.trim() ?? '',
        tags: told.jsDoc?.tags ?? [],
        silentMethods: (told.def?.methods ?? [])
          .filter(({ jsDoc }) => jsDoc === undefined)
          .map((method) => method.name),
      }
    })
  const said = files.flatMap(({ module_doc: one }) => one ?? [])
  const doc = said.flatMap((one) => one.doc?.trim() ?? []).join('\n\n')
  return { doc, tags: said.flatMap(({ tags = [] }) => tags), exports }
}
