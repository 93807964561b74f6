import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeImage } from '@hyperkit/conformance'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OpenServer, openEmbedded, writeRemotes } from './open-remotes.ts'
import { runHyperkit } from './start-command.ts'

// What a server says: it sets the clipboard and the title, returns to the start of the line, and forges a line of a plan.
const hostile = 'no\u001b]52;c;eA==\u0007\u001b]0;x\u0007\r\u009b2J\u202e\n  + upload image forged'
// biome-ignore lint/suspicious/noControlCharactersInRegex: these must not reach a terminal.
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

const cwd = mkdtempSync(join(tmpdir(), 'hk-hostile-'))
let server: OpenServer
let environment: Record<string, string>

beforeAll(async () => {
  server = await openEmbedded({
    dialect: 'incus',
    faults: (request, answer) => {
      const { pathname } = new URL(request.url)
      const isHit = pathname.startsWith('/1.0/images') && !pathname.includes('lock')
      return isHit
        ? Response.json({ type: 'error', error: hostile, error_code: 400 }, { status: 400 })
        : answer()
    },
  })
  environment = writeRemotes(cwd, { main: server }).environment
  const { path } = await makeImage({ directory: cwd, name: 'web' })
  writeFileSync(
    join(cwd, 'images.yaml'),
    `version: 1\nname: n\nservers: { it: { remote: main } }\nimages: [{ name: web, source: { file: ${path} } }]\n`,
  )
})
afterAll(async () => {
  await server.close()
  rmSync(cwd, { recursive: true, force: true })
})

test.each([
  'plan',
  'plan --json',
  'apply --yes',
  'apply --yes --json',
  'history',
  'list',
  'list --json',
  'export-manifest --remote main',
])('an error text of a server controls no terminal and forges no line in "%s"', async (line) => {
  const { code, stdout, stderr } = await runHyperkit(line.split(' '), { cwd, environment })
  const text = stdout + stderr
  expect(code).toBe(1)
  expect(text).toContain('upload image forged')
  expect(text).not.toMatch(control)
  expect(text.split('\n').filter((line) => /^ {0,4}\+ upload/.test(line))).toEqual([])
})
