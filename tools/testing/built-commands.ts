import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const apps = fileURLToPath(new URL('../../apps', import.meta.url))

/** Gives the run a name, under which tests keep the commands that they build for Node, and removes these when the run ends. */
export default function setup(): () => void {
  const run = `run-${process.pid}`
  process.env.HYPERKIT_TEST_RUN = run
  return () => {
    for (const app of readdirSync(apps)) {
      const results = join(apps, app, '.results')
      for (const folder of list(results)) {
        if (folder.startsWith(`${run}-`)) rmSync(join(results, folder), { recursive: true, force: true })
      }
    }
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
