import { ArgumentError, type Client, copyImage, type Image } from '@hyperkit/core'
import type { PublishOptions } from '@hyperkit/core/parts'
import { shortFingerprint } from '@hyperkit/core/parts'
import { defineScript, flag, positional, runIfMain, type ScriptTools, UsageError } from '@hyperkit/script'
import * as v from 'valibot'

const details = `INSTANCE/SNAPSHOT publishes a snapshot, even if the instance is running. A whole instance must be stopped; --force stops it and starts
it again. Give another server after it to have the image there, and key=value for properties, which are added to those of the
instance's own image. --reuse moves an alias in one step when the image is complete.`

const script = defineScript({
  description: 'Make an image from an instance or a snapshot',
  details,
  connects: false,
  args: v.object({
    words: v.pipe(
      v.array(v.string()),
      v.minLength(1),
      v.description('Instance or snapshot; optionally a server for the image, and properties'),
      positional('[remote:]<instance>[/<snapshot>] [remote:] [key=value...]', { completes: 'instance' }),
    ),
    alias: v.optional(
      v.pipe(v.array(v.string()), v.description('Alias for the image'), flag({ value: 'name' })),
      [],
    ),
    public: v.optional(v.pipe(v.boolean(), v.description('Let everybody see and download it')), false),
    force: v.optional(
      v.pipe(
        v.boolean(),
        v.description('Stop the instance if it is running, and start it again'),
        flag<boolean>({ short: 'f' }),
      ),
      false,
    ),
    compression: v.optional(
      v.pipe(
        v.string(),
        v.nonEmpty('give a compressor such as zstd, or none'),
        v.description(
          'How to compress: none, gzip, bzip2, xz, zstd, lzma or squashfs, also with arguments: "xz -9"',
        ),
        flag({ value: 'algorithm' }),
      ),
    ),
    expire: v.optional(
      v.pipe(
        v.string(),
        v.regex(
          /^(?:never|\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2}))?)$/,
          'give a date such as 2030-01-31 or 2030-01-31T12:00:00Z, or never',
        ),
        v.check((text) => text === 'never' || !Number.isNaN(Date.parse(text)), 'there is no such date'),
        v.description(
          "When the image expires (RFC 3339), or never; otherwise as the instance's own image does",
        ),
        flag<string>({ value: 'date' }),
        v.transform((text) => (text === 'never' ? null : new Date(text))),
      ),
    ),
    reuse: v.optional(v.pipe(v.boolean(), v.description('Move aliases that point at another image')), false),
    format: v.optional(
      v.pipe(
        v.picklist(['unified', 'split']),
        v.description('One file, or metadata and rootfs'),
        flag<'unified' | 'split'>({ value: 'format' }),
      ),
    ),
  }),
  examples: [
    'hyperkit publish web1/release --alias golden/web release=7',
    'hyperkit publish prod:web1 edge: --force --compression zstd --reuse --alias golden/web',
  ],
  async run({ args, reach, result, warnings, ...tools }) {
    const words = readWordsOfPublish(args.words)
    const { client, name } = await reach(words.source)
    const [instance = '', snapshot, ...rest] = name.split('/')
    if (instance === '' || snapshot === '' || rest.length > 0)
      throw new UsageError(
        `${JSON.stringify(words.source)} does not name an instance; give one such as web1, or web1/snapshot`,
      )
    const named = words.target === undefined ? client : (await reach(words.target)).client
    const target = (await isSame(client, named)) ? client : named
    const job: Job = {
      client,
      target,
      instance,
      snapshot,
      options: {
        public: args.public || undefined,
        aliases: args.alias,
        reuseAliases: args.reuse,
        properties: words.properties,
        expiresAt: args.expire,
        compression: args.compression,
        format: args.format,
      },
    }
    await checkAliases(job)
    await checkExpiry(job)
    // Reported before the instance is started again: that may fail although the image is complete.
    const work = async (): Promise<void> => {
      const image = await publish(job, tools)
      if (image === undefined) return
      const { fingerprint } = image
      const more = warnings.length > 0 ? { warnings } : {}
      result(
        { fingerprint, server: target.name, ...more },
        `Instance published with fingerprint: ${fingerprint}`,
      )
    }
    await (snapshot === undefined ? whileStopped(job, args.force, tools, work) : work())
  },
})

interface Job {
  client: Client
  /** The server for the image. */
  target: Client
  instance: string
  snapshot: string | undefined
  options: PublishOptions
}

type Tools = Pick<ScriptTools, 'change' | 'progress' | 'signal' | 'log' | 'warn'>

/** Two remotes may be one server, on which an image that is copied and then deleted would be lost. */
async function isSame(a: Client, b: Client): Promise<boolean> {
  if (a === b) return true
  const [here, there] = await Promise.all([a.server(), b.server()])
  const isOne =
    here.certificateFingerprint === undefined
      ? a.origin === b.origin
      : here.certificateFingerprint === there.certificateFingerprint
  return isOne && (a.projectName ?? here.project) === (b.projectName ?? there.project)
}

/** An alias that is taken is reported first, since publishing takes minutes and may stop a running instance. */
async function checkAliases({ target, options }: Job): Promise<void> {
  if (options.reuseAliases) return
  for (const alias of options.aliases ?? []) {
    const name = typeof alias === 'string' ? alias : alias.name
    const taken = await target.aliases.find(name)
    if (taken === undefined) continue
    throw new ArgumentError(
      'alias',
      `Cannot give alias ${JSON.stringify(name)} on "${target.name}" to a new image: it points at image ${shortFingerprint(taken.target)}; "--reuse" moves it`,
      { server: target.name, code: 'already-exists' },
    )
  }
}

/** Servers let the image inherit an expiry that is over. It is reported before a running instance is stopped. */
async function checkExpiry({ client, instance, options }: Job): Promise<void> {
  if (options.expiresAt !== undefined) return
  const expiry = await client.images.inheritedExpiry(instance)
  if (expiry === undefined || expiry.getTime() > Date.now()) return
  throw new ArgumentError(
    'expire',
    `Cannot publish instance "${instance}" of "${client.name}": its own image expired at ${expiry.toISOString()}, and the new one would inherit that; give "--expire" with another date, or with "never"`,
    { server: client.name },
  )
}

async function publish(job: Job, tools: Tools): Promise<Image | undefined> {
  const { client, target, instance, snapshot, options } = job
  const { change, progress, signal, log, warn } = tools
  const what = snapshot === undefined ? instance : `${instance}/${snapshot}`
  const here: PublishOptions =
    target === client ? options : { ...options, public: undefined, aliases: undefined }
  const image = await change(() =>
    progress(`Publish ${what}`, (onProgress) =>
      snapshot === undefined
        ? client.images.createFromInstance(instance, { ...here, onProgress, signal })
        : client.images.createFromSnapshot(instance, snapshot, { ...here, onProgress, signal }),
    ),
  )
  if (target === client || image === undefined) return image
  const { fingerprint } = image
  const { public: isPublic, aliases, reuseAliases } = options
  try {
    const copied = await progress(`Copy ${what} to ${target.name}`, (onProgress) =>
      copyImage(client, target, fingerprint, {
        ...{ public: isPublic, aliases, reuseAliases, onProgress, signal },
        onWarning: warn,
      }),
    )
    await client.images.delete(fingerprint, { signal })
    return copied.image
  } catch (error) {
    log(`The image is on "${client.name}", as ${fingerprint}: copy it from there, or delete it`)
    throw error
  }
}

/** Runs a step while the instance is stopped. An instance that was running is started again, even if the step fails. */
async function whileStopped(
  { client, instance }: Job,
  force: boolean,
  { change, signal, log }: Tools,
  step: () => Promise<void>,
): Promise<void> {
  const path = `/1.0/instances/${encodeURIComponent(instance)}`
  const action = `publish instance "${instance}"`
  const { metadata } = await client.request({ method: 'GET', path, action, signal })
  const { status_code: status, ephemeral } = v.parse(instanceSchema, metadata)
  if (status === 0 || status === stopped) return step()
  if (!force)
    throw new ArgumentError(
      'force',
      `Cannot publish instance "${instance}" of "${client.name}": it is running; "--force" stops it and starts it again`,
      { server: client.name },
    )
  // An abort must not keep the instance from being started again.
  const always = new AbortController().signal
  const setEphemeral = (to: boolean): Promise<unknown> =>
    client.request({ method: 'PATCH', path, json: { ephemeral: to }, action, signal: always })
  const setState = async (to: 'start' | 'stop', force: boolean): Promise<void> => {
    const json = { action: to, timeout: -1, force }
    const call = {
      method: 'PUT',
      path: `${path}/state`,
      json,
      action: `${to} instance "${instance}"`,
    } as const
    const { operation } = await client.request({ ...call, signal: always })
    if (operation !== undefined) await client.operations.wait(operation, { signal: always })
  }
  // A server deletes an ephemeral instance when it is stopped.
  if (ephemeral) await change(() => setEphemeral(false))
  try {
    await change(() => setState('stop', true))
    try {
      await step()
    } finally {
      await change(() => setState('start', false))
      log(`Started instance "${instance}" again`)
    }
  } finally {
    if (ephemeral) await change(() => setEphemeral(true))
  }
}

const stopped = 102
const instanceSchema = v.object({ status_code: v.number(), ephemeral: v.optional(v.boolean(), false) })

interface PublishWords {
  source: string
  /** `edge:`; undefined for the instance's own server. */
  target: string | undefined
  properties: Record<string, string>
}

function readWordsOfPublish([source = '', ...words]: readonly string[]): PublishWords {
  const properties: Record<string, string> = {}
  let target: string | undefined
  for (const word of words) {
    const at = word.indexOf('=')
    if (at > 0) properties[word.slice(0, at)] = word.slice(at + 1)
    else if (!word.endsWith(':'))
      throw new UsageError(`${JSON.stringify(word)} is neither key=value nor a server such as "prod:"`)
    else if (target === undefined) target = word
    else throw new UsageError(`two servers are named, "${target}" and "${word}"; give one`)
  }
  return { source, target, properties }
}

export default script
await runIfMain(import.meta, script)
