import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as connect from '@hyperkit/connect'
import * as core from '@hyperkit/core'
import * as coreParts from '@hyperkit/core/parts'
import * as embedded from '@hyperkit/embedded'
import * as files from '@hyperkit/files'
import * as reconcile from '@hyperkit/reconcile'
import * as documents from '@hyperkit/reconcile/documents'
import * as script from '@hyperkit/script'
import * as terminal from '@hyperkit/terminal'
import { libraryExamples } from './examples/library-examples.ts'
import { readExamples, readWords, withImports } from './examples/read-examples.ts'
import { openRehearsal } from './examples/rehearsal.ts'
import { runLibraryExamples } from './examples/run-library-examples.ts'
import { readManifestExamples, runManifestExamples } from './examples/run-manifest-examples.ts'

// Every example of the documents and doc comments is type-checked, then run by itself against an embedded server; every
// manifest that they show is validated and planned.
const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, '.results/examples')
const exportsOf = new Map(
  Object.entries({
    core,
    'core/parts': coreParts,
    connect,
    files,
    embedded,
    reconcile,
    'reconcile/documents': documents,
    script,
    terminal,
  }).map(([name, module]) => [`@hyperkit/${name}`, Object.keys(module)]),
)

const listed = execFileSync(
  'git',
  [
    'ls-files',
    '--cached',
    '--others',
    '--exclude-standard',
    '*.md',
    'packages/*/src/*.ts',
    'apps/*/src/*.ts',
  ],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
const examples = listed
  .split('\n')
  .filter((path) => path !== '' && !path.endsWith('.test.ts') && !path.startsWith('.changeset/'))
  .flatMap((path) => readExamples(root, join(root, path)))

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const world = await openRehearsal()
const programs = examples.map(({ place, code }, index) => {
  const path = join(folder, `example-${index}.ts`)
  writeFileSync(path, `// ${place}\n${withImports(world.localize(code), exportsOf, world.given)}`)
  return { place, path, words: readWords(code) }
})
writeFileSync(
  join(folder, 'tsconfig.json'),
  JSON.stringify({
    extends: '../../tsconfig.base.json',
    compilerOptions: {
      noEmit: true,
      noUnusedLocals: false,
      allowImportingTsExtensions: true,
      customConditions: ['@hyperkit/source'],
      types: ['node'],
    },
    include: ['*.ts'],
  }),
)

const bin = (name: string): string => join(root, 'node_modules/.bin', name)
let failed = 0
const checked = spawnSync(bin('tsc'), ['-p', folder], { encoding: 'utf8' })
if (checked.status !== 0) {
  failed++
  console.error(checked.stdout)
}
const { http_proxy: _, HTTP_PROXY: __, ...environment } = process.env
for (const { place, path, words } of programs) {
  const run = await runProgram(path, words)
  if (run.code === 0) continue
  failed++
  console.error(`${place}: ended with ${run.code}\n${run.output}`)
}
const manifests = [
  'README.md',
  'docs/manifest.md',
  'docs/operations.md',
  'apps/reconciler/README.md',
].flatMap((path) => readManifestExamples(root, join(root, path)))
const reconciler = ['--conditions=@hyperkit/source', 'run', join(root, 'apps/reconciler/src/main.ts')]
for (const problem of await runManifestExamples(manifests, world, [bin('bun'), ...reconciler])) {
  failed++
  console.error(problem)
}
await world.close()
// The library examples print how many images there are, and the documents' examples leave some behind, so they get new servers.
const fresh = await openRehearsal()
for (const problem of [...typecheckLibrary(), ...(await runLibraryExamples(fresh, startOnBun, 'on bun'))]) {
  failed++
  console.error(problem)
}
await fresh.close()
console.log(
  `examples: ${programs.length + libraryExamples.length} type-checked and run, ${manifests.length} manifests checked, ${failed} problems`,
)
process.exit(failed === 0 && programs.length > 0 ? 0 : 1)

/** Type-checks the programs of examples/library with the sources. `npm run packaging` runs them with the packed packages. */
function typecheckLibrary(): string[] {
  const options = ['--noEmit', '--allowImportingTsExtensions', '--customConditions', '@hyperkit/source']
  const checked = spawnSync(bin('tsc'), ['-p', join(root, 'examples/library'), ...options], {
    encoding: 'utf8',
  })
  return checked.status === 0 ? [] : [checked.stdout]
}

function startOnBun(file: string, isTest: boolean): { command: string; args: string[] } {
  const path = join(root, 'examples/library', `${file}.ts`)
  return { command: bin('bun'), args: ['--conditions=@hyperkit/source', isTest ? 'test' : 'run', path] }
}

/** This is not spawnSync, because the example's server runs in this process. */
function runProgram(path: string, words: readonly string[]): Promise<{ code: number; output: string }> {
  const child = spawn(bin('bun'), ['--conditions=@hyperkit/source', 'run', path, ...words], {
    cwd: world.folder,
    env: { ...environment, ...world.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  // An example that leaves something open would never end.
  const watchdog = setTimeout(() => {
    output += 'it did not end within a minute\n'
    child.kill('SIGKILL')
  }, 60_000)
  const keep = (chunk: Buffer): void => {
    output += chunk
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  return new Promise((resolve) => {
    child.once('close', (code) => {
      clearTimeout(watchdog)
      resolve({ code: code ?? 1, output })
    })
  })
}
