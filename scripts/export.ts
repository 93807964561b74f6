import { statSync } from 'node:fs'
import { type SavedImage, saveImage } from '@hyperkit/files'
import { defineScript, findImage, imageWord, positional, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

const details = `A directory gets files named after the fingerprint; a path is the file's own, of a split image the rootfs, with the
metadata beside it as "meta-…". What comes is verified before it gets its name, and what broke off is continued.`

const script = defineScript({
  description: 'Export an image to files, verified',
  details,
  connects: false,
  args: v.object({
    image: imageWord(),
    target: v.optional(
      v.pipe(
        v.string(),
        v.description('Directory, or path of the file'),
        positional('target', { completes: 'file' }),
      ),
      '.',
    ),
    vm: v.optional(v.pipe(v.boolean(), v.description('Only an image of a virtual machine will do')), false),
  }),
  examples: ['hyperkit export alpine', 'hyperkit export prod:ubuntu/noble ./noble.tar.xz'],
  async run({ args, reach, result, progress, signal, dryRun, print }) {
    const { client, name } = await reach(args.image)
    const { fingerprint, size } = await findImage(client, name, { signal, vm: args.vm })
    const target = isDirectory(args.target) ? args.target : { path: args.target }
    if (dryRun) {
      print(`would save ${size} bytes of image ${fingerprint} to ${args.target}`)
      return
    }
    const saved = await progress(`Export ${args.image}`, (onProgress) =>
      saveImage(client, { fingerprint }, target, { onProgress, signal }),
    )
    result(saved, describe(saved))
  },
})

export default script
await runIfMain(import.meta, script)

function describe(saved: SavedImage): string {
  const files = saved.kind === 'unified' ? saved.path : `${saved.metadata}\n${saved.rootfs}`
  return saved.received === 0 ? `${files}\nThe files were there already, and are whole.` : files
}

function isDirectory(path: string): boolean {
  return path.endsWith('/') || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
