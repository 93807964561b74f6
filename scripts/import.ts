import { existsSync, statSync } from 'node:fs'
import { fetchFromWeb } from '@hyperkit/connect'
import {
  type Client,
  HyperkitError,
  type Image,
  type ImageAttributes,
  isHyperkitError,
  type Progress,
} from '@hyperkit/core'
import { fingerprintOf, type ImageFiles, type UploadImageOptions, uploadImage } from '@hyperkit/files'
import { defineScript, flag, positional, runIfMain, type ScriptTools, UsageError } from '@hyperkit/script'
import * as v from 'valibot'

const details = `SOURCE is the file of a unified image, the metadata and the rootfs of a split one, or an https: URL whose answer names the address of
an image. key=value sets a property. An image that the server has already is not sent again. Servers download from a URL themselves,
except LXD 6.9 and newer; for these, and with --sha256, this machine downloads the image and uploads it. With --sha256 the URL can be
that of the file itself, also with http:.`

const script = defineScript({
  description: 'Import an image from files or a URL',
  details,
  connects: false,
  args: v.object({
    words: v.pipe(
      v.array(v.string()),
      v.minLength(1),
      v.description('Image file, URL, or metadata and rootfs; optionally a server and properties'),
      positional('SOURCE [ROOTFS] [remote:] [key=value...]', { completes: 'file' }),
    ),
    alias: v.optional(
      v.pipe(v.array(v.string()), v.description('Alias for the image'), flag({ value: 'name' })),
      [],
    ),
    public: v.optional(v.pipe(v.boolean(), v.description('Let everybody see and download it')), false),
    reuse: v.optional(v.pipe(v.boolean(), v.description('Move aliases that point at another image')), false),
    sha256: v.optional(
      v.pipe(
        v.string(),
        v.description('Fingerprint that the image must have, 64 hex characters'),
        flag({ value: 'hex' }),
      ),
    ),
    force: v.optional(
      v.pipe(
        v.boolean(),
        v.description('Send the files even if they are incomplete, or not those of an image'),
      ),
      false,
    ),
  }),
  examples: [
    'hyperkit import noble.tar.xz --alias ubuntu/noble',
    'hyperkit import metadata.tar.xz rootfs.squashfs prod: os=ubuntu --public',
  ],
  async run({ args, reach, result, warnings, ...tools }) {
    const { source, remote, properties } = readWordsOfImport(args.words)
    const { client } = await reach(remote)
    const attributes = {
      public: args.public || undefined,
      properties,
      aliases: args.alias,
      reuseAliases: args.reuse,
    }
    const image =
      typeof source === 'string' && /^https?:/.test(source)
        ? await importUrl(client, source, args.sha256, attributes, tools)
        : await importFiles(client, source, { ...attributes, sha256: args.sha256, force: args.force }, tools)
    if (image === undefined) return
    const { fingerprint } = image
    result(
      { fingerprint, ...(warnings.length > 0 ? { warnings } : {}) },
      `Image imported with fingerprint: ${fingerprint}`,
    )
  },
})

export default script
await runIfMain(import.meta, script)

type Tools = Pick<ScriptTools, 'change' | 'progress' | 'signal' | 'dryRun' | 'log'>

async function importFiles(
  client: Client,
  files: ImageFiles,
  options: UploadImageOptions,
  { change, progress, signal, dryRun, log }: Tools,
): Promise<Image | undefined> {
  let wasSent = false
  const label = `Import ${typeof files === 'string' ? files : `${files.metadata} and ${files.rootfs}`}`
  const image = await change(() =>
    progress(label, (report) => {
      const onProgress = (progress: Progress): void => {
        if (progress.stage === 'upload') wasSent = true
        report(progress)
      }
      return uploadImage(client, files, { ...options, onProgress, signal }).catch(adviseForce)
    }),
  )
  // After a run that was killed, this tells what it has left.
  if (image !== undefined && !wasSent)
    log(`Image ${image.fingerprint} was on "${client.name}" already, whole; nothing was sent`)
  if (!dryRun || image !== undefined) return image
  // Aliases are set after the upload, and need the fingerprint, which is known without it.
  const { fingerprint } = await fingerprintOf(files, { signal })
  for (const name of options.aliases ?? [])
    await change(() =>
      client.aliases.set(typeof name === 'string' ? name : name.name, { target: fingerprint }),
    )
  return undefined
}

function adviseForce(error: unknown): never {
  if (!isHyperkitError(error, 'file-damaged')) throw error
  throw new HyperkitError('file-damaged', `${error.message}; --force sends it anyway`, {
    cause: error,
  })
}

async function importUrl(
  client: Client,
  url: string,
  sha256: string | undefined,
  attributes: ImageAttributes,
  { change, progress, signal }: Tools,
): Promise<Image | undefined> {
  if (!url.startsWith('https:') && sha256 === undefined)
    throw new UsageError('without "--sha256" the URL must be https:, since nothing else protects the content')
  // The answer to HEAD names the hash, unless --sha256 does. The hash protects the file.
  const [strict, lenient] = [fetchFromWeb(), fetchFromWeb({ insecure: true })]
  return change(() =>
    progress(`Import ${url}`, (onProgress) =>
      client.images.createFromUrl(url, {
        ...attributes,
        sha256,
        fetch: (input, init) =>
          (init.method === 'HEAD' && sha256 === undefined ? strict : lenient)(input, init),
        onProgress,
        signal,
      }),
    ),
  )
}

interface ImportWords {
  source: ImageFiles
  /** `prod:`, or empty. */
  remote: string
  properties: Record<string, string>
}

/** Reads the words as `incus` and `lxc` do: a word that names a file is a file, not a server or a property. */
function readWordsOfImport(words: readonly string[]): ImportWords {
  const properties: Record<string, string> = {}
  const files: string[] = []
  let remote = ''
  for (const word of words) {
    const at = word.indexOf('=')
    if (existsSync(word) || /^https?:\/\//.test(word)) files.push(word)
    else if (at > 0) properties[word.slice(0, at)] = word.slice(at + 1)
    else if (!word.endsWith(':')) files.push(word)
    else if (remote === '') remote = word
    else throw new UsageError(`two servers are named, "${remote}" and "${word}"; give one`)
  }
  const [first, second, third] = files
  if (first === undefined) throw new UsageError('the source is missing; give a file or a URL')
  if (third !== undefined)
    throw new UsageError(`unexpected file ${JSON.stringify(third)}: an image consists of one or two files`)
  const folder = files.find((file) => existsSync(file) && statSync(file).isDirectory())
  if (folder !== undefined) throw directory(folder)
  return { source: second === undefined ? first : { metadata: first, rootfs: second }, remote, properties }
}

/** Packing needs root, for the right owners, and is one command of tar. */
function directory(path: string): UsageError {
  return new UsageError(
    `${JSON.stringify(path)} is a directory; pack it first, as root: tar --numeric-owner -czf image.tar.gz -C ${path} metadata.yaml rootfs`,
  )
}
