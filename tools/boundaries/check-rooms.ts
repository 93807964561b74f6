import type { SourceFile, Workspace } from './read-workspace.ts'
import { resolveImport } from './resolve-import.ts'
import type { RoomRules, Rules } from './rules.ts'
import { lineOf, type SourceImport } from './scan-source.ts'
import type { Violation } from './violation.ts'

interface Impurity {
  what: string
  pattern: RegExp
}

const impurities: readonly Impurity[] = [
  {
    what: 'the clock',
    pattern:
      /\bDate\.now\b|\bnew\s+Date\s*(?:\(\s*\)|(?![\w$\s(]))|(?<![\w$.]|new\s+)Date\s*\(|\bperformance\s*\./g,
  },
  { what: 'a timer', pattern: /(?<![\w$.])(?:setTimeout|setInterval|setImmediate|queueMicrotask)\s*\(/g },
  { what: 'randomness', pattern: /\bMath\.random\b|\brandomUUID\b|\bgetRandomValues\b/g },
  { what: 'the network', pattern: /(?<![\w$.])(?:fetch|WebSocket|EventSource)\b(?=\s*\()/g },
  { what: 'the process', pattern: /(?<![\w$.])(?:process|Bun|Deno)\s*\??\.|(?<![\w$.])console\s*\./g },
]

/** Rooms of a package: data moves through them in one direction, and pure rooms take data and return data. */
export function checkRooms(workspace: Workspace, rules: Rules): Violation[] {
  return Object.entries(rules.rooms).flatMap(([folder, rooms]) => {
    const files = workspace.units.find((unit) => unit.folder === folder)?.files ?? []
    return files.flatMap((file) => checkFile(workspace, folder, rooms, file))
  })
}

function checkFile(workspace: Workspace, folder: string, rooms: RoomRules, file: SourceFile): Violation[] {
  const room = roomOf(folder, rooms, file.path)
  if (room === undefined || file.isTest) return []
  const isPure = rooms.pure.includes(room)
  const violations = file.imports.flatMap((entry) => {
    const found = wrongImport(workspace, folder, rooms, file, entry, room)
    return found === undefined ? [] : [found]
  })
  return isPure ? [...violations, ...impureUses(file, room)] : violations
}

function wrongImport(
  workspace: Workspace,
  folder: string,
  rooms: RoomRules,
  file: SourceFile,
  entry: SourceImport,
  room: string,
): Violation | undefined {
  const target = resolveImport(workspace, file, entry.specifier)
  const at = { file: file.path, line: entry.line }
  const isPure = rooms.pure.includes(room)
  const isPureEntry = rooms.pureImports?.includes(entry.specifier) === true
  if (isPure && target.kind === 'runtime' && !isPureEntry) {
    const message = `"${room}" is pure but imports "${entry.specifier}": read it in an earlier room and pass the data in`
    return { ...at, rule: 'pure-room', message }
  }
  if (isPure && target.kind === 'workspace' && !entry.typeOnly && !isPureEntry) {
    const message = `"${room}" is pure but imports values of "${entry.specifier}": use \`import type\`, and leave calls to "apply"`
    return { ...at, rule: 'pure-room', message }
  }
  if (target.kind !== 'file') return undefined
  const other = roomOf(folder, rooms, target.path)
  if (other === room) return undefined
  if (other === undefined && target.path.startsWith(`${folder}/src/`)) {
    const message = `"${room}" imports "${entry.specifier}", which is above the rooms: move the code into an earlier room, or give the file a place in \`order\``
    return { ...at, rule: 'rooms', message }
  }
  if (isLater(rooms, other, room)) {
    const message = `"${room}" imports the later room "${other}": data moves ${rooms.order.join(' -> ')}; move the shared type to the earlier room`
    return { ...at, rule: 'rooms', message }
  }
  if (isPure && !entry.typeOnly && !rooms.pure.includes(other ?? '')) {
    const message = `"${room}" is pure but imports values of "${entry.specifier}": use \`import type\`, or move the function to a pure room`
    return { ...at, rule: 'pure-room', message }
  }
  return undefined
}

function isLater(rooms: RoomRules, other: string | undefined, room: string): boolean {
  const here = rooms.order.indexOf(room)
  return here !== -1 && other !== undefined && rooms.order.indexOf(other) > here
}

function impureUses(file: SourceFile, room: string): Violation[] {
  return impurities.flatMap(({ what, pattern }) =>
    [...file.code.matchAll(pattern)].map((match) => {
      const message = `"${room}" is pure but uses ${what} (\`${match[0].trim()}\`): take the value as an argument`
      return { file: file.path, line: lineOf(file.code, match.index), rule: 'pure-room', message }
    }),
  )
}

/**
 * The folder directly below `src`, or a folder inside it that is listed itself; undefined for files directly in `src`,
 * which connect the rooms, unless they are listed too.
 */
function roomOf(folder: string, { order }: RoomRules, path: string): string | undefined {
  const parts = path.startsWith(`${folder}/src/`) ? path.slice(folder.length + 5).split('/') : []
  if (parts.length <= 1) return order.includes(parts[0] ?? '') ? parts[0] : undefined
  const inner = parts.slice(0, 2).join('/')
  return parts.length > 2 && order.includes(inner) ? inner : parts[0]
}
