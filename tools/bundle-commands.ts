// Bundles a command into a few files, with its help and completion as tables: `bun run tools/bundle-commands.ts hyperkit [FOLDER]`,
// which the build of its app runs. With one file for each module, Bun takes three times as long to load it, and Node four times.
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { bundleProgram } from './bundle/bundle-program.ts'
import { apps, programNames } from './bundle/programs.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const name = programNames.find((each) => each === process.argv[2])
if (name === undefined) throw new Error(`Cannot bundle: name one of ${programNames.join(', ')}`)
const programs = name === 'hyperkit' ? programNames.slice(0, 1) : ([name] as const)
const folder = process.argv[3] ?? join(root, apps[name], 'dist/command')
await bundleProgram({ entry: { name }, programs, folder })
