import { existsSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runTool } from './packaging/run-tool.ts'
import { nodeFolder, nodePackage, nodeProgram, nodeVersions } from './testing/nodes.ts'

// npm run nodes: installs, from npm, the releases of Node on which packaging and the tests run in addition to the user's own, into a
// cache outside the project. It can be run repeatedly.
const root = fileURLToPath(new URL('..', import.meta.url))
for (const version of nodeVersions) {
  if (!existsSync(nodeProgram(version))) install(version)
  const { ok, output } = runTool(nodeProgram(version), ['--version'], { cwd: root })
  if (!ok || output !== `v${version}`)
    throw new Error(
      `"${nodeProgram(version)}" is not Node ${version}: it printed "${output}". Remove "${nodeFolder(version)}" and try again`,
    )
  console.log(`nodes: ${nodeProgram(version)}`)
}

function install(version: string): void {
  const folder = nodeFolder(version)
  mkdirSync(folder, { recursive: true })
  // The package contains only the program, so its install script is not needed.
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock']
  const args = ['install', '--prefix', folder, ...quiet, `${nodePackage}@${version}`]
  const { ok, output } = runTool('npm', args, { cwd: folder })
  if (!ok) throw new Error(`Cannot install Node ${version} from npm: ${output}`)
}
