import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { ServerDescription } from '@hyperkit/conformance'
import { createTransport } from '@hyperkit/connect'
import { createClient } from '@hyperkit/core'
import type { Runtime } from '../testing/runtimes.ts'

/** The versions of the runtimes: `Node 20.20.2, Bun 1.4.5`. */
export async function describeRuntimes(runtimes: readonly Runtime[]): Promise<string> {
  return (await Promise.all(runtimes.map(versionOfRuntime))).join(', ')
}

/** Asks the servers in the JSON of `HYPERKIT_SERVERS` for their versions: `lxd-5.0 reports LXD 5.0.2, incus-7.0 reports Incus 7.0.2`. */
export async function describeServers(described: string): Promise<string> {
  const servers = JSON.parse(described) as ServerDescription[]
  const one = [...new Map(servers.map((server) => [server.version, server])).values()]
  return (await Promise.all(one.map(versionOfServer))).join(', ')
}

async function versionOfRuntime({ name, command }: Runtime): Promise<string> {
  const { stdout } = await promisify(execFile)(command, ['--version'])
  return `${name[0]?.toUpperCase()}${name.slice(1)} ${/\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? ''}`
}

async function versionOfServer({ dialect, version: name, socket }: ServerDescription): Promise<string> {
  const client = createClient({ transport: await createTransport({ socket }) })
  const { version } = await client.server()
  client.close()
  return `${name} reports ${dialect === 'lxd' ? 'LXD' : 'Incus'} ${version}`
}
