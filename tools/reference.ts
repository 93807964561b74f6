import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { documentNames, jsonSchemaOf } from '@hyperkit/reconcile/documents'
import { listWorkspaces } from './list-workspaces.ts'
import { runTool } from './packaging/run-tool.ts'
import { fillManifestPage } from './reference/fill-manifest-page.ts'
import { findDeclaration } from './reference/find-declaration.ts'
import { type Door, findSilence } from './reference/find-silence.ts'
import { readEntry } from './reference/read-exports.ts'
import { renderDocuments } from './reference/render-documents.ts'
import { renderErrors } from './reference/render-errors.ts'
import { pageOf, type ReferencedEntry, renderIndex, renderPage } from './reference/render-page.ts'

// npm run reference [-- --check]: writes docs/reference from the comments in the sources, docs/errors.md from the comments on the error codes,
// and docs/documents.md and the tables of docs/manifest.md from the JSON Schemas. With --check it writes nothing, and reports each page that
// is out of date. It also reports public exports without a comment, and values of a main entry without an example.
const root = fileURLToPath(new URL('..', import.meta.url))
const target = join(root, 'docs/reference')
const scratch = join(root, '.results/reference')
const manifestPage = join(root, 'docs/manifest.md')
const errorPage = join(root, 'docs/errors.md')
const documentPage = join(root, 'docs/documents.md')
const check = process.argv.includes('--check')

rmSync(scratch, { recursive: true, force: true })
const entries = findPackages().flatMap(readPackage)
const doors = findPackages().flatMap(readDoors)
const problems = doors.flatMap(findSilence)
const pages = new Map(entries.map((one) => [pageOf(one), renderPage(one)]))
pages.set('README.md', renderIndex(entries))
const manifest = fillManifestPage(
  readFileSync(manifestPage, 'utf8'),
  JSON.parse(readFileSync(join(root, 'packages/reconcile/schema/manifest.schema.json'), 'utf8')),
)
problems.push(...manifest.problems)
const errors = renderErrors(
  ['packages/core/src/errors/hyperkit-error.ts', 'packages/script/src/run/json-error.ts'].map((file) =>
    readFileSync(join(root, file), 'utf8'),
  ),
)
problems.push(...errors.problems)
const documents = renderDocuments(new Map(documentNames.map((name) => [name, jsonSchemaOf(name)])))
if (check) problems.push(...findStale())
else {
  writeFileSync(manifestPage, manifest.text)
  writeFileSync(errorPage, errors.text)
  writeFileSync(documentPage, documents)
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  for (const [file, text] of pages) writeFileSync(join(target, file), text)
}
for (const problem of problems) console.error(problem)
console.log(
  `reference: ${entries.flatMap((one) => one.exports).length} exports, ${doors.length} entries, ${problems.length} problems`,
)
if (problems.length > 0) process.exitCode = 1

/** The published packages; the two commands can also be used as libraries. */
function findPackages(): { name: string; folder: string; description: string }[] {
  return listWorkspaces(root).flatMap((folder) => {
    const facts = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
      name: string
      description: string
      private?: boolean
      exports?: Record<string, unknown>
    }
    const isProgramAlone = facts.exports?.['.'] === undefined
    return facts.private === true || isProgramAlone
      ? []
      : [{ name: facts.name, description: facts.description, folder }]
  })
}

function readPackage(facts: { name: string; folder: string; description: string }): ReferencedEntry[] {
  const emitted = join(scratch, facts.folder)
  const options = ['--emitDeclarationOnly', '--declarationMap', 'false', '--sourceMap', 'false']
  const emit = ['-p', join(facts.folder, 'tsconfig.build.json'), ...options, '--outDir', emitted]
  const result = runTool(
    join(root, 'node_modules/.bin/tsc'),
    [...emit, '--customConditions', '@hyperkit/source'],
    { cwd: root },
  )
  if (!result.ok) throw new Error(`Cannot emit the declarations of "${facts.name}": ${result.output}`)
  return entriesOf(facts.folder).map(([path, entry]) => {
    const { doc, exports } = readEntry(root, join(facts.folder, entry))
    return {
      ...facts,
      path,
      about: doc,
      exports: exports.map((one) => ({
        ...one,
        declaration: findDeclaration(readFileSync(join(emitted, `${one.module}.d.ts`), 'utf8'), one.name),
      })),
    }
  })
}

/** All entries of the package. */
function readDoors({ folder }: { folder: string }): Door[] {
  return entriesOf(folder).map(([path, entry]) => ({ folder, path, ...readEntry(root, join(folder, entry)) }))
}

/** `['./parts', './src/parts.ts']` */
function entriesOf(folder: string): [path: string, source: string][] {
  const { exports } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
    exports: Record<string, { '@hyperkit/source'?: string }>
  }
  return Object.entries(exports).flatMap(([path, { '@hyperkit/source': source }]) =>
    source === undefined ? [] : [[path, source]],
  )
}

function findStale(): string[] {
  const there = existsSync(target) ? readdirSync(target) : []
  const stale = [...pages].filter(
    ([file, text]) => !there.includes(file) || readFileSync(join(target, file), 'utf8') !== text,
  )
  const gone = there.filter((file) => !pages.has(file))
  const filled = readFileSync(manifestPage, 'utf8') === manifest.text ? [] : ['docs/manifest.md']
  const made = [
    ['docs/errors.md', errors.text],
    ['docs/documents.md', documents],
  ] as const
  const old = made.filter(
    ([file, text]) => !existsSync(join(root, file)) || readFileSync(join(root, file), 'utf8') !== text,
  )
  return [
    ...[...stale.map(([file]) => file), ...gone].map((file) => `docs/reference/${file}`),
    ...filled,
    ...old.map(([file]) => file),
  ].map((file) => `${file} does not match the sources: run \`npm run reference\``)
}
