import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { packPackages } from '../packaging/pack-packages.ts'
import { runTool } from '../packaging/run-tool.ts'

/** Folders with a program `hyperkit` and one `hyperkit-reconcile`. */
export interface Installed {
  /** As npm links them. */
  npm: string
  /** The single executable, by its two names. */
  alone: string
}

/** Installs both commands from tarballs, as `npm install --global` does it for users, and builds the executable. */
export function installCommands(root: string, folder: string): Installed {
  const run = (command: string, args: readonly string[]): void => {
    const { ok, output } = runTool(command, args, { cwd: root })
    if (!ok) throw new Error(`Cannot install the commands: ${command} ${args[0]} printed ${output}`)
  }
  run('npm', ['run', 'build'])
  const tarballs = join(folder, 'tarballs')
  mkdirSync(tarballs)
  const packed = packPackages(root, tarballs).map(({ tarball }) => tarball)
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
  const npm = join(folder, 'npm')
  run('npm', ['install', '--global', '--prefix', npm, ...quiet, ...packed])
  const alone = join(folder, 'alone')
  run('npm', ['run', 'executable', '--', '--out', join(alone, 'hyperkit')])
  symlinkSync('hyperkit', join(alone, 'hyperkit-reconcile'))
  return { npm: join(npm, 'bin'), alone }
}
