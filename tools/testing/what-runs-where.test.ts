import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { caseFile, kindsOn, listServers, listTargets, targetNames } from './what-runs-where.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('every target has a test file, and every such file is a target', () => {
  const folder = 'packages/conformance/test'
  const files = readdirSync(`${root}/${folder}`).filter((name) => /^(embedded-)?(lxd|incus)-/.test(name))
  expect(files.map((name) => `${folder}/${name}`).sort()).toEqual(targetNames.map(caseFile).sort())
})

test('every target runs somewhere, and every real server on Node', () => {
  const everywhere = (['node', 'bun', 'deno'] as const).flatMap(listTargets)
  expect(new Set(everywhere)).toEqual(new Set(targetNames))
  const isReal = (name: string): boolean => !name.includes(' ')
  expect(listTargets('node').filter(isReal)).toEqual(targetNames.filter(isReal))
})

test('the servers of a runtime begin with those for tests of any LXD or Incus, without duplicates', () => {
  for (const runtime of ['node', 'bun', 'deno'] as const) {
    const servers = listServers(runtime)
    expect(servers.slice(0, 2)).toEqual(kindsOn[runtime])
    expect(new Set(servers).size).toBe(servers.length)
    expect(servers).toEqual(
      expect.arrayContaining(
        // A cluster is started by its own tests.
        listTargets(runtime).filter((name) => !name.includes(' ') && !name.endsWith('-cluster')),
      ),
    )
  }
})
