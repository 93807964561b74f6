import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findCredentials } from '../src/registries/find-credentials.ts'

async function userAt(host: string, config: object, path = ''): Promise<string | undefined> {
  const environment = { HOME: '/nonexistent', PATH: path, DOCKER_AUTH_CONFIG: JSON.stringify(config) }
  return (await findCredentials(host, { environment }))?.username
}

const as = (name: string) => ({ auth: btoa(`${name}:password`) })

test("the credentials of a registry's exact name come before those of its addresses", async () => {
  const auths = { 'https://reg.example/v1/': as('old'), 'reg.example': as('exact') }
  expect(await userAt('reg.example', { auths })).toBe('exact')
  expect(await userAt('reg.example', { auths: { 'https://reg.example/v2': as('address') } })).toBe('address')
})

test('the credentials of a namespace are not used for the whole registry', async () => {
  const team = { 'https://reg.example/team': as('team') }
  expect(await userAt('reg.example', { auths: team })).toBeUndefined()
  expect(await userAt('reg.example', { auths: { ...team, 'https://reg.example/': as('all') } })).toBe('all')
  const hub = { 'https://index.docker.io/v1/access-token': as('token') }
  expect(await userAt('docker.io', { auths: hub })).toBeUndefined()
})

test('an entry without credentials does not hide another one', async () => {
  const auths = { 'reg.example': { auth: '' }, 'https://reg.example/v1/': as('address') }
  expect(await userAt('reg.example', { auths })).toBe('address')
})

test('a credentials helper is asked for the name that the configuration gives it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'helper-'))
  try {
    const program = join(folder, 'docker-credential-echo')
    writeFileSync(program, '#!/bin/sh\nread name\nprintf \'{"Username":"%s","Secret":"x"}\' "$name"\n')
    chmodSync(program, 0o755)
    expect(await userAt('docker.io', { credHelpers: { 'docker.io': 'echo' } }, folder)).toBe('docker.io')
    expect(await userAt('docker.io', { credsStore: 'echo' }, folder)).toBe('https://index.docker.io/v1/')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
