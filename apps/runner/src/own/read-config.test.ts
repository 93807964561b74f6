import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readConfig } from './read-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'hyperkit-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const write = (text: string): void => writeFileSync(join(folder, 'hyperkit.config.ts'), text)

test.each([
  "{ scripts:'./ops' }",
  "{ scripts: './ops' } as const",
  "{ scripts: ['./ops'] } as const satisfies Config;",
  "{\n  scripts:[\n    './ops', // ours\n  ],\n} satisfies hyperkit.Config\n",
])('export default %j is read', async (literal) => {
  write(`export default ${literal}`)
  expect((await readConfig(folder)).scripts).toEqual([join(folder, 'ops')])
})

test.each(['{ scripts: `./ops` }', "{ scripts: './it\\'s' }", '{ scripts: 7 }', '{ ...base }'])(
  'export default %j is refused, with the form that it must have',
  async (literal) => {
    write(`export default ${literal}`)
    await expect(readConfig(folder)).rejects.toThrow('it must be a literal, export default')
  },
)
