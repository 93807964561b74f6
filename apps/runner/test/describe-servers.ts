import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeImage } from '@hyperkit/conformance'
import type { Client, Image } from '@hyperkit/core'
import { type UploadImageOptions, uploadImage } from '@hyperkit/files'
import { afterAll, beforeAll, beforeEach, describe } from 'vitest'
import { describeReal, type OpenServer, openEmbedded, writeRemotes } from './open-remotes.ts'
import { type Ended, runHyperkit, type StartOptions } from './start-command.ts'

/** What a test of a script works with: a server that is the default remote `main`, and a folder. */
export interface Scene {
  client(): Client
  readonly cwd: string
  readonly dialect: 'lxd' | 'incus'
  environment(): Record<string, string>
  /** Begins every name of the tests: a real server has other guests. */
  readonly id: string
  run(...args: string[]): Promise<Ended>
  runWith(options: Pick<StartOptions, 'input'>, ...args: string[]): Promise<Ended>
  /** Uploads an image of its own; all that its server has of it goes when the tests are over. */
  upload(name: string, options?: UploadImageOptions): Promise<Image>
  /** An image on the server that a script made, to go with the others. */
  forget(fingerprint: string): void
}

/** The same tests against both embedded dialects, a real LXD and a real Incus. */
export function describeServers(title: string, define: (scene: Scene) => void): void {
  describe.each(['embedded lxd', 'embedded incus', 'lxd', 'incus'] as const)(`${title} of %s`, (kind) => {
    const dialect = kind.endsWith('lxd') ? 'lxd' : 'incus'
    const id = `r${randomUUID().slice(0, 8)}`
    const cwd = mkdtempSync(join(tmpdir(), 'hk-script-'))
    const made = new Set<string>()
    let server: OpenServer | undefined
    let opened: { client: Client; environment: Record<string, string> } | undefined

    const given = (): { client: Client; environment: Record<string, string> } => {
      if (opened === undefined) throw new Error('no server')
      return opened
    }
    beforeAll(async () => {
      if (kind.startsWith('embedded')) server = await openEmbedded({ dialect })
      const described = server ?? describeReal(dialect)
      if (described === undefined) return
      const { environment, client } = writeRemotes(cwd, { main: described })
      opened = { environment, client: await client('main') }
    })
    beforeEach((context) => {
      if (opened === undefined) context.skip('HYPERKIT_SERVERS names no such server')
    })
    afterAll(async () => {
      for (const fingerprint of made)
        if (await opened?.client.images.find(fingerprint)) await opened?.client.images.delete(fingerprint)
      opened?.client.close()
      await server?.close()
      rmSync(cwd, { recursive: true, force: true })
    })

    define({
      id,
      cwd,
      dialect,
      client: () => given().client,
      environment: () => given().environment,
      run: (...args) => runHyperkit(args, { cwd, environment: given().environment }),
      runWith: (options, ...args) => runHyperkit(args, { cwd, environment: given().environment, ...options }),
      async upload(name, options) {
        const file = await makeImage({ directory: cwd, name: `${id}-${name}`, properties: { os: id } })
        const image = await uploadImage(given().client, file.path, options)
        made.add(image.fingerprint)
        return image
      },
      forget: (fingerprint) => void made.add(fingerprint),
    })
  })
}
