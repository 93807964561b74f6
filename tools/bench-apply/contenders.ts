import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import type { RunningServer } from '@hyperkit/conformance'
import { runMeasured } from '../bench/run-measured.ts'
import { findRuntimes } from '../testing/runtimes.ts'

/** What is measured: images that come to a server, or a look at those that are there. */
export type ApplyTask = 'bring' | 'look'

/** A program that does a task. */
export interface ApplyContender {
  name: string
  task: ApplyTask
  run(): Promise<{ milliseconds: number }>
}

/** The images and the server that all contenders have. */
export interface ApplyScene {
  kind: 'lxd' | 'incus'
  server: RunningServer
  /** Where files of the contenders may be. */
  directory: string
  /** One file for each image, named as its alias is, with an extension. */
  images: string
  manifest: string
}

/** Seconds after which a run of the server's own client is given up. */
const limit = 60

/** The server's own client, one image after the other and four at a time, and a list of all images. */
export function findClients({ kind, server, directory, images }: ApplyScene): ApplyContender[] {
  const program = kind === 'lxd' ? 'lxc' : 'incus'
  const { socket } = server.describe()
  const folder = join(directory, program)
  const environment = { LXD_CONF: folder, LXD_SOCKET: socket, INCUS_CONF: folder, INCUS_SOCKET: socket }
  const measure = async (command: string, args: readonly string[]) => {
    await mkdir(folder, { recursive: true })
    return runMeasured(command, args, environment)
  }
  const one = `${program} image import --quiet "$1" local: --alias "$(basename "$1" .tar)" </dev/null >/dev/null`
  // When four `lxc` 5.0.2 run at once, one of them sometimes waits without end for an operation that has ended.
  const bySh = (script: string) => measure('timeout', [String(limit), 'sh', '-ec', script, 'sh', images])
  return [
    {
      name: `a loop of ${program} image import`,
      task: 'bring',
      run: () => bySh(`for each in "$1"/*.tar; do set -- "$1" "$each"; (shift; ${one}); done`),
    },
    {
      name: `xargs -P4 ${program} image import`,
      task: 'bring',
      run: () => bySh(`printf '%s\\0' "$1"/*.tar | xargs -0 -n1 -P4 sh -ec '${one}' sh`),
    },
    { name: `${program} image list`, task: 'look', run: () => measure(program, ['image', 'list', 'local:']) },
  ]
}

/** `apply` and `plan` on each runtime, from one bundle, because Node 20 cannot run TypeScript. */
export async function findApplies(
  root: string,
  { directory, manifest }: Pick<ApplyScene, 'directory' | 'manifest'>,
): Promise<ApplyContender[]> {
  const app = join(root, 'apps', 'reconciler')
  // Two folders below package.json, where the command looks for its version.
  const bundle = join(app, '.results', 'bench-apply', 'main.mjs')
  const build = ['build', '--conditions=@hyperkit/source', '--target=node', '--format=esm', '--minify']
  await runMeasured(process.execPath, [...build, `--outfile=${bundle}`, join(app, 'src', 'main.ts')])
  const runtimes = findRuntimes(root).filter(({ name }) => name !== 'deno')
  return runtimes.flatMap(({ name, command, before }) => {
    const run = (args: readonly string[]) =>
      runMeasured(command, [...before.filter((flag) => flag !== '--bun'), bundle, ...args, manifest], {
        XDG_CACHE_HOME: join(directory, `cache-${name}`),
      })
    return [
      { name: `apply on ${name}`, task: 'bring' as const, run: () => run(['apply', '--yes', '--quiet']) },
      { name: `plan on ${name}`, task: 'look' as const, run: () => run(['plan', '--detailed-exitcode']) },
    ]
  })
}
