import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findViolations } from './find-violations.ts'
import { rules as ownRules, type Rules } from './rules.ts'
import { renderViolation } from './violation.ts'

const rules: Rules = { ...ownRules, toolsNobodyImports: {} }

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hyperkit-boundaries-'))
  writeRoot({})
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

function writeRoot(devDependencies: Record<string, string>): void {
  const workspaces = ['packages/*', 'apps/*', 'scripts']
  write('package.json', JSON.stringify({ name: 'root', version: '0.0.0', workspaces, devDependencies }))
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

function writePackage(folder: string, dependencies: Record<string, string> = {}, more: object = {}): void {
  const name = `@hyperkit/${folder.split('/').at(-1)}`
  write(
    `${folder}/package.json`,
    JSON.stringify(
      { name, version: '0.1.0', exports: { '.': './src/index.ts' }, dependencies, ...more },
      null,
      2,
    ),
  )
}

/** `file:line [rule]` of each violation. */
function found(): string[] {
  return findViolations(root, rules).violations.map(({ file, line, rule }) => `${file}:${line} [${rule}]`)
}

describe('circles', () => {
  test('two files may not import each other, not even for a type', () => {
    writePackage('packages/core')
    write('packages/core/src/a.ts', "import { b } from './b.ts'\nexport const a = b\n")
    write('packages/core/src/b.ts', "import { c } from './c.ts'\nexport const b = c\n")
    write('packages/core/src/c.ts', "\nimport type { A } from './a.ts'\nexport const c: A = 1\n")
    expect(found()).toEqual(['packages/core/src/c.ts:2 [circles]'])
  })

  test('two files may both import a third', () => {
    writePackage('packages/core')
    write(
      'packages/core/src/a.ts',
      "import { b } from './b.ts'\nimport { c } from './c.ts'\nexport const a = b + c\n",
    )
    write('packages/core/src/b.ts', "import { c } from './c.ts'\nexport const b = c\n")
    write('packages/core/src/c.ts', 'export const c = 1\n')
    expect(found()).toEqual([])
  })
})

describe('arrows', () => {
  test('a package may import packages below it', () => {
    writePackage('packages/core')
    writePackage('packages/files', { '@hyperkit/core': '^0.1.0' })
    write('packages/core/src/index.ts', 'export const a = 1\n')
    write('packages/files/src/index.ts', "import { a } from '@hyperkit/core'\nexport const b = a\n")
    expect(found()).toEqual([])
  })

  test('a package may not import packages above or beside it', () => {
    writePackage('packages/core', { '@hyperkit/files': '^0.1.0' })
    writePackage('packages/files', { '@hyperkit/connect': '^0.1.0' })
    writePackage('packages/connect')
    write('packages/core/src/index.ts', "\nexport * from '@hyperkit/files'\n")
    write('packages/files/src/index.ts', "export type { A } from '@hyperkit/connect'\n")
    expect(found()).toEqual([
      'packages/core/src/index.ts:2 [arrows]',
      'packages/files/src/index.ts:1 [arrows]',
    ])
  })

  test('no package may import an app', () => {
    writePackage('apps/reconciler')
    writePackage('scripts', { '@hyperkit/reconciler': '^0.1.0' })
    write('scripts/list.ts', "await import('@hyperkit/reconciler')\n")
    write('packages/core/package.json', '{"name":"@hyperkit/core","version":"0.1.0"}')
    expect(found()).toEqual(['scripts/list.ts:1 [arrows]'])
    expect(findViolations(root, rules).violations.map(renderViolation)[0]).toBe(
      'scripts/list.ts:1 [arrows] "scripts" imports the app "apps/reconciler": ' +
        'nothing imports an app, so move what is shared into a package',
    )
  })

  test('a test may reach the embedded server from anywhere', () => {
    writePackage('packages/core')
    writePackage('packages/embedded')
    write('packages/core/src/list.test.ts', "import '@hyperkit/embedded'\n")
    write('packages/core/src/list.ts', "import '@hyperkit/embedded'\n")
    expect(found().filter((line) => line.includes('[arrows]'))).toEqual([
      'packages/core/src/list.ts:1 [arrows]',
    ])
  })

  test('a package may not import another one by a sub-path or a relative path', () => {
    writePackage('packages/core')
    writePackage('packages/files', { '@hyperkit/core': '^0.1.0' })
    write('packages/files/src/index.ts', "import '@hyperkit/core/src/a.ts'\nimport '../../core/src/a.ts'\n")
    expect(found()).toEqual([
      'packages/files/src/index.ts:1 [deep-import]',
      'packages/files/src/index.ts:2 [by-name]',
    ])
  })

  test('a package that no rule names is refused', () => {
    writePackage('packages/new-thing')
    write('packages/new-thing/src/index.ts', 'export const a = 1\n')
    expect(found()).toEqual(['packages/new-thing/package.json:1 [arrows]'])
  })
})

describe('a package that runs anywhere', () => {
  beforeEach(() => writePackage('packages/core', { ky: '2.1.0' }))

  test('a package that runs anywhere may import only its few dependencies and no runtime module', () => {
    write(
      'packages/core/src/a.ts',
      "import ky from 'ky'\nimport fs from 'node:fs'\nimport 'bun:test'\nimport 'path'\n",
    )
    expect(found()).toEqual([2, 3, 4].map((line) => `packages/core/src/a.ts:${line} [runtime-free]`))
  })

  test('a package that runs anywhere may not use a global of a runtime', () => {
    const uses = [
      'process.env.A',
      'globalThis.process',
      'typeof process',
      'Buffer.from(a)',
      'new Buffer()',
      'Bun.file(a)',
    ]
    write('packages/core/src/a.ts', `import 'ky'\n${[...uses, 'globalThis.Deno'].join('\n')}\n`)
    expect(found()).toEqual(
      [2, 3, 4, 5, 6, 7, 8].map((line) => `packages/core/src/a.ts:${line} [runtime-free]`),
    )
  })

  test('a package that runs anywhere may mention runtimes in comments, strings and its own names', () => {
    const lines = [
      "import 'ky'",
      '// Bun.file and process.env',
      '/* import "node:fs" */',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the scanned text holds the template
      "const a = 'Deno.open()' + `Buffer.from ${a.arrayBuffer()} process.env` + b.Buffer",
      'const process = 1; const c = { Bun: 1 }; const d = /Bun.[/"]/.test(a) // "',
      'const e = a / 2 / process',
    ]
    write('packages/core/src/a.ts', `${lines.join('\n')}\n`)
    expect(found()).toEqual([])
  })

  test('code inside a template is checked too', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the scanned text holds the template
    write('packages/core/src/a.ts', "import 'ky'\nconst a = `x ${{ b: `${Bun.version}` }} Deno.x`\n")
    expect(found()).toEqual(['packages/core/src/a.ts:2 [runtime-free]'])
  })
})

describe('an entry that runs anywhere', () => {
  test('an entry that runs anywhere may not lead to a module or a global of a runtime, not even indirectly', () => {
    writePackage('packages/reconcile')
    write('packages/reconcile/src/documents.ts', "export { a } from './documents/a.ts'\n")
    write('packages/reconcile/src/documents/a.ts', "import type { B } from '../manifest/b.ts'\n")
    write('packages/reconcile/src/manifest/b.ts', "import 'node:fs'\nprocess.exit()\n")
    write('packages/reconcile/src/manifest/c.ts', "import 'node:fs'\n")
    expect(found().filter((line) => line.endsWith('[runtime-free]'))).toEqual([
      'packages/reconcile/src/manifest/b.ts:1 [runtime-free]',
      'packages/reconcile/src/manifest/b.ts:2 [runtime-free]',
    ])
  })

  test('an entry that runs anywhere may not import another package of the workspace', () => {
    writePackage('packages/core')
    writePackage('packages/reconcile', { '@hyperkit/core': '^0.1.0' })
    write('packages/reconcile/src/documents.ts', "import '@hyperkit/core'\n")
    expect(found()).toEqual(['packages/reconcile/src/documents.ts:1 [runtime-free]'])
  })
})

describe('rooms of the reconciler', () => {
  beforeEach(() => {
    writePackage('packages/core')
    writePackage('packages/reconcile', { '@hyperkit/core': '^0.1.0' })
    write(
      'packages/reconcile/src/main.ts',
      "import '@hyperkit/core'\nimport './apply/a.ts'\nimport 'node:fs'\n",
    )
  })

  test('data moves through the rooms in one direction', () => {
    write('packages/reconcile/src/apply/a.ts', "import '../plan/a.ts'\nimport 'node:fs'\nDate.now()\n")
    write('packages/reconcile/src/plan/a.ts', "import type { A } from './guard/a.ts'\n")
    expect(found()).toEqual(['packages/reconcile/src/plan/a.ts:1 [rooms]'])
  })

  test('a pure room has no client, clock, disk or randomness', () => {
    const lines = [
      "import { createClient } from '@hyperkit/core'",
      "import type { Image } from '@hyperkit/core'",
      "import { readFile } from 'node:fs/promises'",
      "import { readObserved } from '../observed/a.ts'",
      "import { type Observed } from '../observed/a.ts'",
      'const a = [Date.now(), Math.random()]',
      'const b = new Date()',
      'const c = new Date(image.created)',
      'const d = crypto.randomUUID()',
      "import { read } from '../somewhere/a.ts'",
      "import { main } from '../main.ts'",
    ]
    write('packages/reconcile/src/plan/a.ts', `${lines.join('\n')}\n`)
    expect(found()).toEqual([
      ...[1, 3, 4, 6, 6, 7, 9, 10].map((line) => `packages/reconcile/src/plan/a.ts:${line} [pure-room]`),
      'packages/reconcile/src/plan/a.ts:11 [rooms]',
    ])
  })

  test('a pure room may use an entry of a package that is pure too', () => {
    writePackage('packages/terminal', {}, { exports: { '.': './src/index.ts', './text': './src/text.ts' } })
    writePackage('packages/reconcile', { '@hyperkit/core': '^0.1.0', '@hyperkit/terminal': '^0.1.0' })
    const text = "import { show } from '@hyperkit/terminal/text'\nimport { ask } from '@hyperkit/terminal'\n"
    write('packages/reconcile/src/render/a.ts', text)
    expect(found()).toEqual(['packages/reconcile/src/render/a.ts:2 [pure-room]'])
  })
})

describe('dependencies', () => {
  test('each import must be declared, and each dependency imported', () => {
    writePackage('packages/connect', { yaml: '2.9.1' }, { devDependencies: { ws: '8.23.0' } })
    write(
      'packages/connect/src/a.ts',
      "import { b } from './b.ts'\nimport WebSocket from 'ws'\nimport x from 'undici'\n",
    )
    expect(found()).toEqual([
      'packages/connect/package.json:8 [unused]',
      'packages/connect/src/a.ts:2 [declared]',
      'packages/connect/src/a.ts:3 [declared]',
    ])
  })

  test('a package that import.meta.resolve looks up is a dependency too, also under a pattern of its exports', () => {
    writePackage('scripts', {}, { exports: { './*': './*.ts' } })
    writePackage('apps/runner', { '@hyperkit/scripts': '^0.1.0', ws: '8.23.0' })
    write('apps/runner/src/a.ts', "console.log(import.meta.resolve('@hyperkit/scripts/list'))\n")
    expect(found()).toEqual([])
    write('apps/runner/src/a.ts', "console.log(import.meta.resolve('@hyperkit/scripts'))\n")
    expect(found()).toEqual(['apps/runner/src/a.ts:1 [deep-import]'])
  })

  test('only tests may import the tools of the root', () => {
    writeRoot({ vitest: '4.1.12' })
    writePackage('packages/connect')
    write('packages/connect/src/a.test.ts', "import { test } from 'vitest'\n")
    write('packages/connect/src/a.ts', "import { test } from 'vitest'\n")
    expect(found()).toEqual(['packages/connect/src/a.ts:1 [declared]'])
  })

  test('a dependency that only tests import must be a devDependency', () => {
    writePackage('packages/connect', { yaml: '2.9.1' })
    write('packages/connect/test/a.ts', "import 'yaml'\n")
    expect(found()).toEqual(['packages/connect/package.json:8 [declared]'])
  })

  test('external versions must be exact, and workspace versions those of the workspace', () => {
    writePackage('packages/core')
    writePackage('packages/files', { yaml: '^2.9.1', '@hyperkit/core': '^0.2.0' })
    write('packages/files/src/a.ts', "import 'yaml'\nimport '@hyperkit/core'\n")
    expect(found()).toEqual([
      'packages/files/package.json:8 [exact]',
      'packages/files/package.json:9 [exact]',
    ])
  })
})

describe('rooms of a package', () => {
  test('a room may import only from the rooms before it', () => {
    writePackage('packages/files')
    write('packages/files/src/disk/a.ts', "import { b } from '../save/b.ts'\n")
    write('packages/files/src/save/b.ts', "import { c } from '../upload/c.ts'\n")
    write('packages/files/src/upload/c.ts', 'export const c = 1\n')
    expect(found()).toEqual(['packages/files/src/disk/a.ts:1 [rooms]'])
  })

  test('a room may not import a file above the rooms, unless the order lists it', () => {
    writePackage('packages/core')
    writePackage('packages/files')
    write('packages/core/src/client.ts', 'export const a = 1\n')
    write('packages/core/src/copy/a.ts', "import { a } from '../client.ts'\n")
    write('packages/core/src/http/a.ts', "import { a } from '../client.ts'\n")
    write('packages/files/src/index.ts', 'export const a = 1\n')
    write('packages/files/src/save/a.ts', "import { a } from '../index.ts'\n")
    expect(found()).toEqual([
      'packages/core/src/http/a.ts:1 [rooms]',
      'packages/files/src/save/a.ts:1 [rooms]',
    ])
  })
})

describe('shape of files', () => {
  test('a file may have at most 400 lines, also a test', () => {
    writePackage('packages/files')
    write('packages/files/src/a.ts', 'a()\n'.repeat(400))
    write('packages/files/src/b.test.ts', 'b()\n'.repeat(401))
    expect(found()).toEqual(['packages/files/src/b.test.ts:401 [length]'])
  })

  test('a name without meaning is refused', () => {
    writePackage('packages/files')
    write('packages/files/src/utils/a.ts', '')
    write('packages/files/src/helpers.test.ts', '')
    expect(found()).toEqual([
      'packages/files/src/helpers.test.ts:1 [names]',
      'packages/files/src/utils/a.ts:1 [names]',
    ])
  })
})
