import {
  type ExportedManifest,
  type ExportManifestOptions,
  exportManifest,
  type LeftOut,
  type Manifest,
} from '@hyperkit/reconcile'
import { countThings, showName } from '@hyperkit/reconcile/parts'
import { defineScript, positional, type ScriptTools, UsageError } from '@hyperkit/script'
import { openBoard, type ProgressBoard, type ShownStep } from '@hyperkit/script/command'
import { formatBytes, showText } from '@hyperkit/terminal/text'
import * as v from 'valibot'
import { completeServers } from '../arguments/complete-names.ts'
import { textFlag, textsFlag, toggle } from '../arguments/manifest-arguments.ts'
import { descriptions } from '../descriptions.ts'
import { chooseExported } from '../run/choose-exported.ts'
import { hideSecretsOf, openingOf } from '../run/preparing.ts'

/** Writes what servers have as a manifest, with the images themselves if they are asked for. */
export default defineScript({
  description: descriptions.export,
  connects: false,
  declares: ['remote', 'project'],
  refuses: { json: 'it prints a manifest, which is YAML' },
  args: v.object({
    images: v.optional(
      v.pipe(v.array(v.string()), v.description('Only images with these aliases'), positional('image')),
      [],
    ),
    remote: textsFlag('A remote of your own incus or lxc configuration', 'name', { completes: 'remote' }),
    file: textFlag('A manifest that names the servers', {
      short: 'f',
      value: 'manifest',
      completes: 'file',
    }),
    server: textsFlag('Only this server of the manifest', 'name', { completes: completeServers }),
    project: textFlag('The project of the images, on all servers', { value: 'name' }),
    name: textFlag('Name of the new manifest (default: exported)', { value: 'name' }),
    out: textFlag('Write the manifest to this file, or "-" for stdout', {
      short: 'o',
      value: 'file',
      completes: 'file',
    }),
    withFiles: textFlag(
      'Also save the images to this directory, with the manifest and SHA256SUMS: a bundle that needs no network',
      { value: 'directory', completes: 'directory' },
    ),
    force: toggle('Replace a manifest that exists already'),
  }),
  async run({ args, ...tools }) {
    const { console, signal, dryRun } = tools
    const { images: aliases, name, withFiles, force } = args
    const out = args.out === '-' ? '/dev/stdout' : args.out
    if (dryRun && (out ?? withFiles) !== undefined)
      throw new UsageError('"--dry-run" writes nothing: leave out --out and --with-files to see the manifest')
    const chosen = await chooseExported(args)
    hideSecretsOf(chosen, tools)
    const board = openBoard(console)
    const exported = await exportManifest(chosen, {
      signal,
      ...openingOf(tools),
      name,
      aliases,
      out,
      withFiles,
      force,
      ...showSaving(tools, board),
    }).finally(board.clear)
    if (exported.out === undefined) await console.result(exported.text)
    else
      await console.note(`Wrote a manifest of ${countThings(exported.images, 'image')} to "${exported.out}"`)
    await reportNotes(exported, chosen, tools)
  },
})

function showSaving(
  { console }: Pick<ScriptTools, 'console'>,
  board: ProgressBoard,
): Pick<ExportManifestOptions, 'onProgress' | 'onSaved'> {
  const steps = new Map<string, ShownStep>()
  const begin = (name: string, server: string): ShownStep => {
    const announced = `${server}: saving ${showName(name)}`
    const step = board.begin(`${server}: ${showName(name)}`, { announced })
    steps.set(name, step)
    return step
  }
  return {
    onProgress({ name }, server, bytes, totalBytes) {
      const step = steps.get(name) ?? begin(name, server)
      step.take(totalBytes === undefined ? { bytes } : { bytes, totalBytes })
    },
    async onSaved({ name }, { received, size }) {
      const how = received === 0 ? 'exists already' : 'saved'
      await console.note(`${showName(name)}: ${how}, ${formatBytes(size)}`)
      steps.get(name)?.stop()
      steps.delete(name)
    },
  }
}

async function reportNotes(
  { name, leftOut, owners }: ExportedManifest,
  { servers }: Pick<Manifest, 'servers'>,
  { console }: Pick<ScriptTools, 'console'>,
): Promise<void> {
  if (owners.includes(name))
    await console.note(
      `Note: a manifest named "${name}" already owns images on these servers; a plan of the exported manifest may add its marks to further images and aliases`,
    )
  for (const server of servers)
    if (server.reach.kind === 'url' && server.reach.token?.kind === 'text')
      await console.note(`Note: the token of server "${server.name}" was left out, because it is a secret`)
  const [first] = leftOut
  if (first !== undefined)
    await console.note(
      `Note: what could not be exported is listed at the end of the manifest: ${showText(describeLeftOut(first))}${leftOut.length > 1 ? `, and ${leftOut.length - 1} more` : ''}`,
    )
}

function describeLeftOut({ server, what, why }: LeftOut): string {
  return `${server}: ${what}: ${why}`
}
