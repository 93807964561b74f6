import { resolveRemote } from '@hyperkit/connect'
import {
  type Client,
  type CopiedImage,
  type CopyImageOptions,
  copyImage,
  type Registry,
  type Simplestreams,
} from '@hyperkit/core'
import { isLockAlias } from '@hyperkit/core/parts'
import { defineScript, findImage, flag, positional, runIfMain, UsageError } from '@hyperkit/script'
import * as v from 'valibot'

const details = `The source can be LXD, Incus, a simplestreams server such as images:, or a registry of OCI images such as docker: (of which only an
Incus 7 server can download, with credentials of its own if it needs any), and the target LXD or Incus. Without --mode the target
downloads the image (pull); if it cannot, the source uploads it (push); if neither reaches the other, the image is sent through
this machine (relay), which keeps nothing of it. The copy has the properties and expiry of the source. --reuse moves an alias in
one step when the copy is complete, so that it always points at an image.`

const list = (description: string, options: Parameters<typeof flag>[0]) =>
  v.optional(v.pipe(v.array(v.string()), v.description(description), flag(options)), [])
const toggle = (description: string) => v.optional(v.pipe(v.boolean(), v.description(description)), false)

const script = defineScript({
  description: 'Copy images to another server, or another project',
  details,
  connects: false,
  args: v.object({
    words: v.pipe(
      v.array(v.string()),
      v.minLength(2, 'give an image and the target, such as prod:'),
      v.description('Images by alias or fingerprint, followed by the target server'),
      positional('[remote:]<image>... <target>:', { completes: 'image' }),
    ),
    alias: list('Alias for the copy', { value: 'name' }),
    copyAliases: toggle('Give the copy the aliases of the source too'),
    reuse: toggle('Move aliases that point at another image'),
    public: v.optional(v.pipe(v.boolean(), v.description('Let everybody see and download the copy'))),
    autoUpdate: toggle('Make the target look for newer versions (only for an alias of a public image)'),
    profile: list('Profile of instances made from the copy', { short: 'p', value: 'name' }),
    mode: v.optional(
      v.pipe(
        v.picklist(['pull', 'push', 'relay']),
        v.description(
          'Copy only in this way: the target downloads, the source uploads, or the image is sent through this machine',
        ),
      ),
    ),
    vm: toggle('Take only an image of a virtual machine'),
    targetProject: v.optional(
      v.pipe(
        v.string(),
        v.nonEmpty('give a name'),
        v.description('Project of the copy, if it differs from that of the source'),
        flag({ completes: 'project' }),
      ),
    ),
  }),
  examples: [
    'hyperkit copy prod:ubuntu/noble edge: --copy-aliases',
    'hyperkit copy images:alpine/edge local: --alias alpine --auto-update',
    'hyperkit copy alpine debian local: --target-project lab',
    'hyperkit copy docker:library/alpine:3.20 prod: --alias alpine',
  ],
  async run({ args, reach, reachSource, change, progress, result, json, dryRun, signal, ...tools }) {
    const { print, log, warn, warnings } = tools
    const { targetProject } = args
    const images = args.words.slice(0, -1)
    const target = await reachTarget(args.words.at(-1) ?? '', (text) =>
      reach(text, { project: targetProject }),
    )
    if (images.length > 1 && args.alias.length > 0)
      throw new UsageError('"--alias" is for one image; copy one image, or give "--copy-aliases"')
    const options: CopyImageOptions = {
      mode: args.mode,
      public: args.public,
      autoUpdate: args.autoUpdate || undefined,
      profiles: args.profile.length > 0 ? args.profile : undefined,
      aliases: args.alias,
      copyAliases: args.copyAliases,
      reuseAliases: args.reuse,
      imageType: args.vm ? 'virtual-machine' : undefined,
      onWarning: warn,
      signal,
    }
    // All are found before the first one is copied, so that a mistake in the last word is reported at once.
    const wanted = []
    const preferred = async () => ((await target.server({ signal })).dialect.kind === 'lxd' ? 'lxc' : 'incus')
    for (const text of images) {
      const { source, name, remote } = await reachSource(text, { preferred })
      const found = await findSource(source, name, target, options)
      wanted.push({ text, source, name, found, certificate: await certificateOf(source, remote, signal) })
    }
    const way = args.mode ?? 'pull, else push, else relay'
    for (const { text, found } of wanted) {
      if (!dryRun) break
      ;(json ? log : print)(
        `would copy ${text}, ${found.fingerprint}, ${found.size} bytes, to "${target.name}" by ${way}`,
      )
    }
    const copies = []
    for (const { text, source, name, found, certificate } of wanted) {
      const before = warnings.length
      const names =
        dryRun && (await isThere(target, found, args.reuse)) ? { aliases: [], copyAliases: false } : {}
      const copied = await change(() =>
        progress(`Copy ${text} to ${target.name}`, (onProgress) =>
          copyImage(source, target, name, {
            ...options,
            ...names,
            certificate,
            // Without a mode, the first call of each way would be listed, as if all of them were made.
            mode: dryRun ? (args.mode ?? 'pull') : options.mode,
            onProgress,
          }),
        ),
      )
      if (dryRun)
        for (const alias of found.aliases)
          await change(() => target.aliases.set(alias, { target: found.fingerprint }))
      if (copied === undefined) continue
      // If a way failed although the image arrived, a warning has said so.
      for (const { mode, error } of copied.tried)
        if (mode !== copied.mode) log(`Could not copy by ${mode}: ${error.message}`)
      const own = warnings.slice(before)
      copies.push({
        image: text,
        fingerprint: copied.image.fingerprint,
        server: target.name,
        mode: copied.mode,
        ...(own.length > 0 ? { warnings: own } : {}),
        line: describe(text, target, copied),
      })
    }
    if (copies.length === 0) return
    result(
      copies.map(({ line: _, ...copy }) => copy),
      copies.map(({ line }) => line).join('\n'),
    )
  },
})

export default script
await runIfMain(import.meta, script)

async function reachTarget(
  word: string,
  reach: (text: string) => Promise<{ client: Client; name: string }>,
): Promise<Client> {
  if (!word.includes(':'))
    throw new UsageError(`the target is missing; give a server such as "${word}:" as the last argument`)
  const { client, name } = await reach(word)
  if (name !== '')
    throw new UsageError(
      `the target must be a server, such as "${word.slice(0, -name.length)}"; name the copy with "--alias ${name}"`,
    )
  return client
}

/** The certificate by which the target recognises the source: a source that does not trust this client does not report it, so it is the pinned one. */
async function certificateOf(
  source: Client | Simplestreams | Registry,
  remote: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!('images' in source) || (await source.server({ signal })).trusted) return undefined
  const [transport] = (await resolveRemote(remote)).transports
  return transport.url === undefined ? undefined : transport.serverCertificate
}

/**
 * Whether only aliases are missing on the target; they are listed one by one. False if an alias points at another image and must not be
 * moved, since the copy itself reports that before anything is sent.
 */
async function isThere(
  target: Client,
  { fingerprint, aliases }: FoundSource,
  reuse: boolean,
): Promise<boolean> {
  if ((await target.images.find(fingerprint)) === undefined) return false
  const taken = await Promise.all(aliases.map((alias) => target.aliases.find(alias)))
  return reuse || taken.every((alias) => alias === undefined || alias.target === fingerprint)
}

interface FoundSource {
  fingerprint: string
  size: number
  /** The aliases of the copy. */
  aliases: string[]
}

async function findSource(
  source: Client | Simplestreams | Registry,
  name: string,
  target: Client,
  { imageType, copyAliases, aliases = [], signal }: CopyImageOptions,
): Promise<FoundSource> {
  const given = aliases.map((alias) => (typeof alias === 'string' ? alias : alias.name))
  if ('images' in source) {
    const image = await findImage(source, name, { signal, vm: imageType !== undefined })
    const own = copyAliases ? image.aliases.flatMap(({ name: own }) => (isLockAlias(own) ? [] : [own])) : []
    return { ...image, aliases: [...new Set([...own, ...given])] }
  }
  const { architectures, dialect } = await target.server({ signal })
  if ('kind' in source) {
    const image = await source.resolve(name, { server: { name: target.name, architectures }, signal })
    return { ...image, aliases: given }
  }
  const image = await source.resolve(name, {
    type: imageType,
    architecture: architectures[0],
    dialect: dialect.kind,
    signal,
  })
  return { ...image, aliases: [...new Set([...(copyAliases ? image.aliases : []), ...given])] }
}

function describe(text: string, target: Client, { image, mode }: CopiedImage): string {
  const how = mode === 'none' ? `already on "${target.name}"` : `copied to "${target.name}" by ${mode}`
  return `${text}: ${how}, fingerprint ${image.fingerprint}`
}
