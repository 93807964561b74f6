import { loadManifest } from '../manifest/load-manifest.ts'
import { ManifestError } from '../manifest/manifest-error.ts'
import { countThings } from '../render/count-things.ts'
import type { CommandContext } from './build-program.ts'

export async function validateCommand(
  path: string,
  options: { json?: true },
  { console, exitWith }: CommandContext,
): Promise<void> {
  try {
    const { images, servers } = await loadManifest(path)
    if (options.json) return await console.result(document(path, []))
    await console.result(
      `"${path}" is valid: ${countThings(images.length, 'image')}, ${countThings(servers.length, 'server')}.\n`,
    )
  } catch (error) {
    if (!options.json || !(error instanceof ManifestError)) throw error
    await console.result(document(path, error.problems))
    exitWith(1)
  }
}

function document(file: string, problems: ManifestError['problems']): string {
  const listed = problems.map(({ at, message }) => ({ line: at.line, column: at.column, message }))
  const content = {
    format: 'hyperkit-validation',
    version: 1,
    file,
    valid: problems.length === 0,
    problems: listed,
  }
  return `${JSON.stringify(content, null, 2)}\n`
}
