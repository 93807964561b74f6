import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openRehearsal, type Rehearsal } from '../examples/rehearsal.ts'
import { withoutProxies } from '../testing/run-suite.ts'
import type { Runtime } from '../testing/runtimes.ts'

/** An image that the servers of the rehearsal do not have yet. */
const manifest = `version: 1
name: packaging
servers: { prod: { remote: prod } }
images:
  - { name: ubuntu/jammy, source: { file: jammy.tar.xz } }
`

/** The commands that run on each runtime, in this order, and the output that they must print. */
const uses: readonly { args: readonly [bin: string, ...string[]]; prints: RegExp }[] = [
  { args: ['hyperkit-reconcile', 'plan', 'jammy.yaml'], prints: /ubuntu\/jammy/ },
  { args: ['hyperkit', 'apply', 'jammy.yaml', '--yes'], prints: /ubuntu\/jammy/ },
  { args: ['hyperkit-reconcile', 'plan', 'jammy.yaml', '--detailed-exitcode'], prints: /No changes/ },
  { args: ['hyperkit', 'show', 'ubuntu/jammy', '--json'], prints: /"hyperkit\.manifest": ?"packaging"/ },
  { args: ['hyperkit', 'list'], prints: /ubuntu\/jammy/ },
]

/** Plans, applies and lists with the installed commands, on separate servers for each runtime. */
export async function useCommands(runtimes: readonly Runtime[], folder: string): Promise<string[]> {
  const problems: string[] = []
  for (const runtime of runtimes) {
    const world = await openRehearsal()
    writeFileSync(join(world.folder, 'jammy.yaml'), manifest)
    for (const { args, prints } of uses) {
      const { code, output } = await run(runtime, folder, args, world)
      const line = `${args.join(' ')} on ${runtime.name}`
      if (code !== 0) problems.push(`${line}: ended with ${code}\n${output}`)
      else if (!prints.test(output)) problems.push(`${line}: did not print ${prints}\n${output}`)
    }
    await world.close()
    console.log(`  commands on ${runtime.name}: ${uses.length} uses`)
  }
  return problems
}

// The servers run in this process, so it must not block.
function run(
  runtime: Runtime,
  folder: string,
  [bin, ...args]: readonly [string, ...string[]],
  world: Rehearsal,
): Promise<{ code: number; output: string }> {
  const program = join(folder, 'node_modules', '.bin', bin)
  const child = spawn(runtime.command, [...runtime.before, program, ...args], {
    cwd: world.folder,
    env: { ...withoutProxies(process.env), NO_COLOR: '1', ...world.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? 1, output }))
  })
}
