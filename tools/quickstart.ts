// `npm start`: creates image files and reconciles examples/quickstart.yaml with an embedded server.
// `npm start -- --remote NAME` does the same on a remote from your own `incus` or `lxc` configuration, and asks first.
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { messageOf } from '@hyperkit/core/parts'
import { makeImages } from './quickstart/make-images.ts'
import { openServer } from './quickstart/open-server.ts'
import { runReconciler } from './quickstart/run-reconciler.ts'
import { verifyImages } from './quickstart/verify-images.ts'
import { writeManifest } from './quickstart/write-manifest.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const usage = `npm start -- [--remote NAME] [--yes] [--keep]

  --remote NAME  a remote of your own incus or lxc configuration, instead of an embedded server
  --yes          do not ask before your own remote is changed
  --keep         leave the image files in examples/build`

const removals: (() => void | Promise<void>)[] = []

async function quickstart(): Promise<number> {
  const { values } = parseArgs({
    options: {
      remote: { type: 'string' },
      yes: { type: 'boolean' },
      keep: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  if (!existsSync(join(root, 'apps/reconciler/dist/main.js')))
    throw new Error('Cannot find the built command: run `npm ci`, or `npm run build`, first')

  const build = join(root, 'examples/build')
  const images = await makeImages(build)
  if (!values.keep) removals.push(() => rmSync(build, { recursive: true, force: true }))
  for (const { name, files, fingerprint } of images)
    console.log(`Packed ${name}: ${files.join(' + ')}, ${fingerprint.slice(0, 12)}`)

  const server = values.remote === undefined ? await openServer() : undefined
  if (server) removals.push(() => server.close())
  if (server)
    console.log(`An embedded Incus image server listens on ${server.url}; it is the remote "quickstart"`)
  const manifest = writeManifest(root, values.remote)
  removals.push(() => manifest.remove())
  const environment = { ...process.env, ...server?.environment }

  const run = (...args: string[]): Promise<number> =>
    runReconciler(root, [...args, manifest.path], environment)
  await expect(run('plan'), 0, 'plan')
  await expect(run('apply', ...(server || values.yes ? ['--yes'] : [])), 0, 'apply')
  await expect(run('plan', '--detailed-exitcode'), 0, 'the second plan, which should have no changes,')
  for (const line of await verifyImages(images, values.remote ?? 'quickstart', environment)) console.log(line)

  console.log(
    values.remote === undefined
      ? '\nTo try it on your own server: npm start -- --remote NAME   (a remote from `incus remote list` or `lxc remote list`; it asks first)'
      : `\nTo remove everything again, delete images ${images.map(({ fingerprint }) => fingerprint.slice(0, 12)).join(' and ')} of "${values.remote}"`,
  )
  return 0
}

async function expect(run: Promise<number>, code: number, what: string): Promise<void> {
  const actual = await run
  if (actual !== code) throw new Error(`The quickstart stopped: ${what} ended with exit code ${actual}`)
}

// The running command receives the signal too and ends by itself; this process only waits for it and cleans up.
let interrupted = 0
process.on('SIGINT', () => {
  interrupted = 130
})
process.on('SIGTERM', () => {
  interrupted = 143
})
try {
  process.exitCode = await quickstart()
} catch (error) {
  console.error(messageOf(error))
  process.exitCode = 1
} finally {
  for (const remove of removals.reverse()) await remove()
}
process.exit(interrupted || process.exitCode)
