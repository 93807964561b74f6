import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { ServerDescription } from '@hyperkit/conformance'
import { createTransport } from '@hyperkit/connect'
import { createClient } from '@hyperkit/core'
import type { Runtime } from '../testing/runtimes.ts'

/** `Node 20.20.2, Bun 1.4.5; LXD 5.0.2`: what ran, on what. */
export async function tellVersions(
  runtimes: readonly Runtime[],
  servers: readonly ServerDescription[],
): Promise<string> {
  const run = await Promise.all(runtimes.map(versionOfRuntime))
  const kinds = [...new Map(servers.map((server) => [server.dialect, server])).values()]
  const against = await Promise.all(kinds.map(versionOfServer))
  return [run, against]
    .filter((list) => list.length > 0)
    .map((list) => list.join(', '))
    .join('; ')
}

async function versionOfRuntime({ name, command }: Runtime): Promise<string> {
  const { stdout } = await promisify(execFile)(command, ['--version'])
  return `${name[0]?.toUpperCase()}${name.slice(1)} ${/\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? ''}`
}

async function versionOfServer({ dialect, socket }: ServerDescription): Promise<string> {
  const client = createClient({ transport: await createTransport({ socket }) })
  const { version } = await client.server()
  client.close()
  return `${dialect === 'lxd' ? 'LXD' : 'Incus'} ${version}`
}
