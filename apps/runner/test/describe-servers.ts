import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  chooseTargets,
  type DaemonDialect,
  dialectOf,
  makeImage,
  type ServerVersion,
} from '@hyperkit/conformance'
import type { Client, Image } from '@hyperkit/core'
import type { DialectName } from '@hyperkit/embedded'
import { type UploadImageOptions, uploadImage } from '@hyperkit/files'
import { afterAll, beforeAll, beforeEach, describe } from 'vitest'
import { makeNewcomer, type Newcomer } from './newcomer.ts'
import { type Described, describeReal, type OpenServer, openEmbedded, writeRemotes } from './open-remotes.ts'
import { type Ended, runHyperkit, type StartOptions } from './start-command.ts'

/** The server and folder of a test of a script. The server is the default remote `main`. */
export interface Scene {
  client(): Client
  readonly cwd: string
  readonly dialect: DaemonDialect
  /** The address of the server, and the client certificate that it trusts. */
  described(): Described
  environment(): Record<string, string>
  /** The beginning of every name that the tests use, because other tests may use a real server at the same time. */
  readonly id: string
  /** Makes a user without a configuration and a certificate. */
  newcomer(name: string): Newcomer
  run(...args: string[]): Promise<Ended>
  runWith(options: Pick<StartOptions, 'input'>, ...args: string[]): Promise<Ended>
  /** Uploads a new image, which is deleted when the tests are over. */
  upload(name: string, options?: UploadImageOptions): Promise<Image>
  /** Deletes an image that a script made when the tests are over. */
  forget(fingerprint: string): void
  /** Adds a step to do when the tests are over, if there was a server. The last step is done first. */
  cleanup(step: () => Promise<unknown>): void
}

/** A server to test on: an embedded dialect, or the kind or version of a real server in `HYPERKIT_SERVERS`. */
export type ServerKind = DaemonDialect | ServerVersion | `embedded ${DialectName}`

const usual: readonly ServerKind[] = ['embedded lxd', 'embedded incus', 'lxd', 'incus']

/**
 * Defines the same tests for several servers.
 *
 * @param kinds default: both embedded dialects, a real LXD and a real Incus
 */
export function describeServers(
  title: string,
  define: (scene: Scene) => void,
  kinds: readonly ServerKind[] = chooseTargets(usual),
): void {
  describe.each(kinds)(`${title} of %s`, (kind) => {
    const embedded = kind.startsWith('embedded ')
      ? (kind.slice('embedded '.length) as DialectName)
      : undefined
    const real = kind as DaemonDialect | ServerVersion
    const dialect = dialectOf(embedded ?? real)
    const id = `r${randomUUID().slice(0, 8)}`
    const cwd = mkdtempSync(join(tmpdir(), 'hk-script-'))
    const made = new Set<string>()
    const steps: (() => Promise<unknown>)[] = []
    let server: OpenServer | undefined
    let opened: { client: Client; environment: Record<string, string>; described: Described } | undefined

    const given = (): NonNullable<typeof opened> => {
      if (opened === undefined) throw new Error('no server')
      return opened
    }
    beforeAll(async () => {
      if (embedded !== undefined) server = await openEmbedded({ dialect: embedded })
      const described = server ?? describeReal(real)
      if (described === undefined) return
      const { environment, client } = writeRemotes(cwd, { main: described })
      opened = { environment, client: await client('main'), described }
    })
    beforeEach((context) => {
      if (opened === undefined) context.skip('HYPERKIT_SERVERS names no such server')
    })
    afterAll(async () => {
      for (const step of steps.reverse()) await step()
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
      described: () => given().described,
      environment: () => given().environment,
      newcomer: (name) => makeNewcomer(cwd, `${name}-${id}`, given().environment),
      run: (...args) => runHyperkit(args, { cwd, environment: given().environment }),
      runWith: (options, ...args) => runHyperkit(args, { cwd, environment: given().environment, ...options }),
      async upload(name, options) {
        const file = await makeImage({ directory: cwd, name: `${id}-${name}`, properties: { os: id } })
        const image = await uploadImage(given().client, file.path, options)
        made.add(image.fingerprint)
        return image
      },
      forget: (fingerprint) => void made.add(fingerprint),
      cleanup: (step) => void steps.push(step),
    })
  })
}
