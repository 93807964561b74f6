import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const path = (file: string): string => JSON.stringify(join(root, file))

/** Runs before anything else is loaded, and therefore shares no file with the rest. */
export const keeperPath = join(root, 'packages/script/src/program/keep-compiled-code.ts')

/** What stands in for classes of the runtime. */
export const webPath = join(root, 'packages/script/src/web/web.ts')

const keeper = JSON.stringify(keeperPath)

/** The commands that are bundled. */
export const programNames = ['hyperkit', 'hyperkit-reconcile'] as const
export type ProgramName = (typeof programNames)[number]

/** Where each command's app is. */
export const apps: Record<ProgramName, string> = {
  hyperkit: 'apps/runner',
  'hyperkit-reconcile': 'apps/reconciler',
}

/** The packages that the user's scripts import. An executable contains them, because they are not on the disk. */
const offered = ['script', 'core', 'connect', 'files', 'terminal'].map((name) => `@hyperkit/${name}`)

/** The names of the built-in scripts. */
export function scriptNames(): string[] {
  return readdirSync(join(root, 'scripts'))
    .flatMap((file) => /^([a-z][a-z0-9-]*)\.ts$/.exec(file)?.[1] ?? [])
    .sort()
}

/** The sources that exist only in a bundle. Each key is what they import each other by. */
export function virtualSources(): Record<string, string> {
  return {
    // Small, so that everything after it can come from the cache.
    ...Object.fromEntries(
      programNames.map((name) => [
        `entry:${name}`,
        `if (process.versions.bun === undefined)
  (await import(${keeper})).keepCompiledCode()
const { run } = await import('program:${name}')
process.exit(await run())`,
      ]),
    ),
    'program:hyperkit': runnerProgram(''),
    'program:hyperkit-reconcile': `import { runReconciler } from ${path('apps/reconciler/src/run-reconciler.ts')}
import { outlines } from 'outlines:hyperkit-reconcile'
export const run = (options) => runReconciler(process.argv.slice(2), { outlines, ...options })`,
    'program:hyperkit-alone': runnerProgram(
      [...offered, 'valibot'].map((name) => `'${name}': () => import('${name}')`).join(', '),
    ),
  }
}

/**
 * The source of an executable that contains both commands, and is the one by whose name it is called.
 *
 * @param folder of the repository, which has the version
 */
export function executableSource(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, 'apps/runner/package.json'), 'utf8')) as {
    version: string
  }
  return `const called = process.argv0.replace(/^.*[\\/]/, '')
const { run } = await (called.startsWith('hyperkit-reconcile')
  ? import('program:hyperkit-reconcile')
  : import('program:hyperkit-alone'))
process.exit(await run({ version: ${JSON.stringify(version)} }))`
}

function runnerProgram(packages: string): string {
  const table = scriptNames().map((name) => {
    const load = `() => import(${path(`scripts/${name}.ts`)})`
    return `  { name: '${name}', description: descriptions['${name}'], load: ${load} },`
  })
  const own = packages === '' ? '' : `packages: { ${packages} }, `
  return `import { tableCatalogue } from ${path('packages/script/src/catalogue/catalogue.ts')}
import { runCli } from ${path('apps/runner/src/run-cli.ts')}
import { descriptions, outlines } from 'outlines:hyperkit'
const builtIn = tableCatalogue([
${table.join('\n')}
])
export const run = (options) => runCli(process.argv.slice(2), { builtIn, ${own}outlines, ...options })`
}
