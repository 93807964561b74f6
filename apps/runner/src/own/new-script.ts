import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import process from 'node:process'
import { UsageError } from '@hyperkit/script'

/**
 * Writes a script that runs at once.
 *
 * @returns the message for the user
 * @throws UsageError the file exists already, or the name is invalid
 */
export async function newScript(words: readonly string[]): Promise<string> {
  const [given, ...others] = words
  if (given === undefined || others.length > 0 || given.startsWith('-'))
    throw new UsageError('exactly one name is needed: hyperkit new my-script')
  const readsTypes = process.versions.bun !== undefined || 'deno' in process.versions
  const path = /\.m?[jt]s$/.test(given) ? given : `${given}.${readsTypes ? 'ts' : 'mjs'}`
  const file = resolve(path)
  if (existsSync(file)) throw new UsageError(`${JSON.stringify(path)} exists already; choose another name`)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, canImport(file) ? importing : handedOver, { flag: 'wx' })
  const shown = path.startsWith('.') || path.startsWith('/') ? path : `./${path}`
  return `Wrote ${path}. Run it: hyperkit ${shown} --min-size 1\n`
}

/** Whether the packages are installed where the script is. */
function canImport(file: string): boolean {
  const { resolve } = createRequire(file)
  return ['@hyperkit/script', 'valibot'].every((name) => {
    try {
      resolve(`${name}/package.json`)
      return true
    } catch (error) {
      // The package is installed but does not export its package.json.
      return (error as NodeJS.ErrnoException).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED'
    }
  })
}

const definition = `{
  description: 'List images larger than a number of megabytes',
  args: v.object({
    minSize: v.optional(v.pipe(v.number(), v.minValue(0), v.description('Megabytes')), 100),
  }),
  async run({ client, args, print }) {
    for (const image of await client.images.list()) {
      const megabytes = image.size / 1e6
      if (megabytes >= args.minSize) print(\`\${image.fingerprint.slice(0, 12)}  \${megabytes.toFixed(1)} MB\`)
    }
  },
}`

const importing = `import { defineScript, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript(${definition})

export default script
await runIfMain(import.meta, script)
`

const handedOver = `// The packages are not installed beside this file, so hyperkit passes them in. Once they are (npm install
// @hyperkit/script valibot), import them and export defineScript({ … }) instead: then the script also runs by itself.
export default ({ defineScript, v }) =>
  defineScript(${definition.replaceAll('\n', '\n  ')})
`
