import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { OutputChunk } from 'rolldown'

const root = fileURLToPath(new URL('../..', import.meta.url))
const source = (file: string): string => join(root, file)

const scriptParts = [
  'define-script.ts',
  'output/format.ts',
  'output/read-columns.ts',
  'records/image-record.ts',
  'records/describe-view.ts',
  'records/image-of-stream.ts',
].map((file) => source(`packages/script/src/${file}`))

const verbs = ['images', 'aliases', 'certificates', 'operations'].map((room) =>
  source(`packages/core/src/${room}/`),
)

/**
 * Files that are loaded whole, with the modules that each begins from. A module belongs to the first that needs it, so that no file
 * imports a later one. Without them, a command would be read from 70 small files.
 */
const shared: readonly (readonly [file: string, begins: (id: string) => boolean])[] = [
  // What answers --help, and finds the command.
  [
    'front',
    (id) => id.startsWith('\0program:') || id === source('packages/terminal/src/text/nearest-name.ts'),
  ],
  ['completion', (id) => id === source('packages/script/src/completion/complete.ts')],
  // What every command needs to run.
  ['run', (id) => id === source('packages/script/src/program/run-named.ts')],
  // What many scripts need.
  ['run', (id) => scriptParts.includes(id)],
  // What every command needs to reach a server.
  [
    'connect',
    (id) =>
      [
        source('packages/connect/src/connect.ts'),
        source('packages/connect/src/transport/create-transport.ts'),
      ].includes(id),
  ],
  // What changes something on a server, or reads more than a list.
  ['verbs', (id) => verbs.some((folder) => id.startsWith(folder))],
  // What Node needs besides.
  ['node', (id) => id === source('packages/connect/src/transport/node.ts')],
]

const isTiny = (id: string): boolean => id.startsWith('\0builtin:')

/**
 * Names the shared file of each module, from a bundle whose files the bundler chose: there each module is in a file with those that are
 * needed by exactly the same commands.
 */
export function nameSharedFiles(chunks: readonly OutputChunk[]): Map<string, string> {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]))
  const names = new Map<string, string>()
  const visited = new Set<string>()
  const visit = (chunk: OutputChunk | undefined, file: string): void => {
    if (chunk === undefined || visited.has(chunk.fileName)) return
    visited.add(chunk.fileName)
    for (const id of Object.keys(chunk.modules)) names.set(id, file)
    for (const each of chunk.imports) visit(byName.get(each), file)
  }
  for (const [file, begins] of shared)
    for (const chunk of chunks.filter(({ moduleIds }) => moduleIds.some(begins))) visit(chunk, file)
  // So small that a file of its own costs more.
  for (const { moduleIds } of chunks)
    if (moduleIds.every(isTiny)) for (const id of moduleIds) names.set(id, 'front')
  return names
}
