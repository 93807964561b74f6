import module from 'node:module'
import process from 'node:process'

/** The packages that a user's script can import even if they are not installed beside it: it gets the runner's copies. */
const offered = [
  '@hyperkit/script',
  '@hyperkit/core',
  '@hyperkit/connect',
  '@hyperkit/files',
  '@hyperkit/terminal',
  'valibot',
] as const

export type OfferedPackages = Partial<Record<string, () => Promise<object>>>

/** Loads one of these packages when it is needed, because a bundle with whole packages would start slowly. */
export function loadPackage(name: (typeof offered)[number], packages: OfferedPackages = {}): Promise<object> {
  return packages[name]?.() ?? (import(import.meta.resolve(name)) as Promise<object>)
}

interface BunLike {
  plugin(plugin: {
    name: string
    setup(build: {
      module(name: string, load: () => Promise<{ exports: object; loader: 'object' }>): void
    }): void
  }): void
}

/**
 * Lets scripts anywhere on the disk import the packages of Hyperkit on Bun and Node. This is not possible on Deno, which resolves
 * modules before any code runs and has no hook for it.
 *
 * @param packages functions that load the packages, for those that are not on the disk
 */
export function offerPackages(packages: OfferedPackages = {}): void {
  const { Bun } = globalThis as { Bun?: BunLike }
  if (Bun !== undefined) offerOnBun(Bun, packages)
  else if (!('deno' in process.versions)) offerOnNode()
}

function offerOnNode(): void {
  const { registerHooks, register } = module as typeof module & { registerHooks?: RegisterHooks }
  if (registerHooks !== undefined) {
    registerHooks({
      resolve(specifier, context, next) {
        try {
          return next(specifier, context)
        } catch (error) {
          if (!isOffered(specifier)) throw error
          return { url: import.meta.resolve(specifier), shortCircuit: true }
        }
      },
    })
    return
  }
  const table = Object.fromEntries(offered.map((name) => [name, import.meta.resolve(name)]))
  const hooks = `const table = ${JSON.stringify(table)}
export async function resolve(specifier, context, next) {
  try { return await next(specifier, context) } catch (error) {
    if (table[specifier] === undefined) throw error
    return { url: table[specifier], shortCircuit: true }
  }
}`
  register(`data:text/javascript,${encodeURIComponent(hooks)}`)
}

type Resolved = { url: string; shortCircuit?: boolean }
type RegisterHooks = (hooks: {
  resolve(
    specifier: string,
    context: object,
    next: (specifier: string, context: object) => Resolved,
  ): Resolved
}) => void

function isOffered(specifier: string): boolean {
  return (offered as readonly string[]).includes(specifier)
}

function offerOnBun(Bun: BunLike, packages: OfferedPackages): void {
  Bun.plugin({
    name: 'hyperkit',
    setup(build) {
      for (const name of offered) {
        const load = () => loadPackage(name, packages)
        build.module(name, async () => ({ exports: { ...(await load()) }, loader: 'object' }))
      }
    },
  })
}
