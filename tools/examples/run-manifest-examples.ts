import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { withoutProxies } from '../testing/run-suite.ts'
import type { Rehearsal } from './rehearsal.ts'

export interface ManifestExample {
  /** `docs/manifest.md:41` */
  place: string
  text: string
  /** The manifest is only validated, because its servers or its webhook do not exist. */
  onlyValidated: boolean
}

/** The keys that an example leaves out because they are obvious. */
const given: Readonly<Record<string, string>> = {
  version: 'version: 1',
  name: 'name: base-images',
  servers: 'servers: { prod: { remote: prod } }',
  images: 'images: []',
}

/** The manifests that a document shows: fenced blocks marked `yaml`, or `yaml validate` for those that are not planned. */
export function readManifestExamples(root: string, file: string): ManifestExample[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/^```yaml( validate)?\n([\s\S]*?)^```$/gm)].map((match) => ({
    place: `${relative(root, file)}:${text.slice(0, match.index).split('\n').length}`,
    text: complete(match[2] ?? ''),
    onlyValidated: match[1] !== undefined,
  }))
}

/** Validates and plans each of them on the servers of a rehearsal. */
export async function runManifestExamples(
  examples: readonly ManifestExample[],
  world: Rehearsal,
  command: readonly string[],
): Promise<string[]> {
  const problems: string[] = []
  for (const { place, text, onlyValidated } of examples) {
    writeFileSync(join(world.folder, 'example.yaml'), world.localize(text))
    for (const verb of onlyValidated ? ['validate'] : ['validate', 'plan']) {
      const { code, output } = await run([...command, verb, 'example.yaml'], world)
      if (code === 0) continue
      problems.push(`${place}: ${verb} ended with ${code}\n${output}`)
      break
    }
  }
  return problems
}

function complete(text: string): string {
  const missing = Object.entries(given).filter(([key]) => !new RegExp(`^${key}:`, 'm').test(text))
  return `${missing.map(([, line]) => `${line}\n`).join('')}${text}`
}

// Its servers run in this process, so it must not block.
function run(
  [command = '', ...args]: readonly string[],
  world: Rehearsal,
): Promise<{ code: number; output: string }> {
  const child = spawn(command, args, {
    cwd: world.folder,
    env: {
      ...withoutProxies(process.env),
      NO_COLOR: '1',
      ...world.environment,
      XDG_CACHE_HOME: join(world.folder, 'cache'),
      EDGE2_TOKEN: 'abcdefgh',
      HOOK_TOKEN: 'abcdefgh',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? 1, output }))
  })
}
