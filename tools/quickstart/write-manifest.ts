import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The example itself, or a copy beside it with another remote. */
export function writeManifest(root: string, remote: string | undefined): { path: string; remove(): void } {
  const example = 'examples/quickstart.yaml'
  if (remote === undefined) return { path: example, remove: () => undefined }
  const text = readFileSync(join(root, example), 'utf8')
  const from = '{ remote: quickstart }'
  if (!text.includes(from))
    throw new Error(`Cannot find "${from}" in ${example}: write the name of your remote there`)
  const path = `examples/quickstart.${remote.replace(/[^\w.-]/g, '-')}.local.yaml`
  writeFileSync(join(root, path), text.replace(from, `{ remote: ${JSON.stringify(remote)} }`))
  return { path, remove: () => rmSync(join(root, path), { force: true }) }
}
