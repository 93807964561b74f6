import { isBuiltin } from 'node:module'
import type { Plugin } from 'rolldown'
import { keeperPath } from './programs.ts'

const prefix = '\0builtin:'
const partMark = '#'

// Loaded by every runtime before any program.
const early: Readonly<Record<string, string>> = {
  'node:process': 'export default globalThis.process',
  'node:buffer': 'export const Buffer = globalThis.Buffer',
}

/**
 * Loads the runtime's own modules when a program first uses them, not when it imports them: on Bun `node:tty`, `node:crypto` and the
 * inspection of `node:util` take longer to load than Bun to start, and on Node an import of `node:http` loads all of `fetch`. Each import
 * becomes a proxy for the one thing that it names.
 */
export function lazyBuiltins(): Plugin {
  return {
    name: 'lazy-builtins',
    resolveId(id, importer, { kind }) {
      // CommonJS takes the module itself, and the bundler's own code is evaluated before everything else.
      const isEarly = importer === keeperPath || importer?.includes('rolldown/runtime')
      if (isEarly || kind === 'require-call') return undefined
      if (id.startsWith(prefix)) return { id, moduleSideEffects: false }
      if (!isBuiltin(id)) return undefined
      return { id: `${prefix}${id.replace(/^(?:node:)?/, 'node:')}`, moduleSideEffects: false }
    },
    // An import reads each export of the module, so that `node:fs` would load streams and promises of files.
    resolveDynamicImport: (id) =>
      typeof id === 'string' && isBuiltin(id) ? { id, external: true } : undefined,
    renderChunk: (code) =>
      code.replace(
        /\bimport\((["'`])(node:[a-z/_]+)\1\)/g,
        'Promise.resolve(process.getBuiltinModule(`$2`))',
      ),
    async load(id) {
      if (!id.startsWith(prefix)) return undefined
      const [name = '', part] = id.slice(prefix.length).split(partMark)
      if (name === 'lazy') return lazy
      if (early[name] !== undefined) return early[name]
      const things = (await import(name)) as Record<string, unknown>
      return part === undefined ? listParts(name, things) : standIn(name, part, things[part])
    },
  }
}

/** A module for each export, so that a chunk gets only those that it uses. */
function listParts(name: string, things: Record<string, unknown>): string {
  return Object.keys(things)
    .map((part) => `export { it as ${part} } from ${JSON.stringify(`${prefix}${name}${partMark}${part}`)}`)
    .join('\n')
}

function standIn(name: string, part: string, thing: unknown): string {
  const real = `process.getBuiltinModule('${name}')${part === 'default' ? '' : `.${part}`}`
  const isPlain = (typeof thing !== 'object' && typeof thing !== 'function') || thing === null
  if (isPlain) return `export const it = ${real}`
  const target = typeof thing === 'function' ? 'function () {}' : '{}'
  return `import { lazy } from '${prefix}lazy'
export const it = /* @__PURE__ */ lazy(() => ${real}, ${target})`
}

// What extends a class, and `instanceof`, see the thing itself, not its stand-in.
const lazy = `export const lazy = (load, target) => {
  let real
  const it = new Proxy(target, {
    get: (_, key) => (real ??= load())[key],
    set: (_, key, value) => Reflect.set((real ??= load()), key, value),
    has: (_, key) => Reflect.has((real ??= load()), key),
    apply: (_, self, given) => Reflect.apply((real ??= load()), self, given),
    construct: (_, given, made) => Reflect.construct((real ??= load()), given, made === it ? real : made),
  })
  return it
}`
