import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createLoginSource } from './create-login-source.ts'

const token = (exp: number): string =>
  ['{"alg":"none"}', JSON.stringify({ exp, iss: 'https://login.example.org' }), 'x']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.')

test('a login that has expired is not renewed if nothing may be written, and one that is valid is used', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hyperkit-login-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'prod.json')
  // No server is named, so a renewal would fail in another way.
  const read = createLoginSource({ remote: 'prod', client: 'incus', path }, [], { renews: false })
  const now = Math.floor(Date.now() / 1000)
  const write = (accessToken: string): string => {
    const text = JSON.stringify({ access_token: accessToken, refresh_token: 'once' })
    writeFileSync(path, text)
    return text
  }
  const expired = write(token(now - 60))
  await expect(read()).rejects.toMatchObject({
    code: 'invalid-configuration',
    message: expect.stringMatching(
      /^Cannot connect to "prod": the OIDC token expired at .*, and a dry run does not renew it, since that writes ".*prod.json"; log in with "incus info prod:"$/,
    ),
  })
  expect(readFileSync(path, 'utf8')).toBe(expired)
  // Less than the time in which a token is renewed otherwise.
  const left = token(now + 5)
  write(left)
  expect(await read()).toBe(left)
})
