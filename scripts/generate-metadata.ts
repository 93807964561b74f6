import { spawn } from 'node:child_process'
import process from 'node:process'
import { gzipSync } from 'node:zlib'
import { replaceFile } from '@hyperkit/files/parts'
import {
  defineScript,
  flag,
  hostArchitecture,
  positional,
  renderYaml,
  runIfMain,
  type ScriptTools,
  UsageError,
} from '@hyperkit/script'
import * as v from 'valibot'

const details = `Makes the metadata of a split image for a rootfs that exists already: "import metadata.tar.xz disk.qcow2". The ending of the path
decides the format: .tar.xz (needs the program xz), .tar.gz, .tar, or .yaml for metadata.yaml alone. Without a path, metadata.yaml is
printed. On a terminal it asks for values that no flag gives.`

const text = (description: string, value: string) =>
  v.optional(
    v.pipe(v.string(), v.nonEmpty('it must not be empty'), v.description(description), flag({ value })),
  )

const script = defineScript({
  description: 'Generate the metadata of a split image',
  details,
  connects: false,
  args: v.object({
    path: v.optional(
      v.pipe(v.string(), v.description('File to write'), positional('path', { completes: 'file' })),
    ),
    os: text('Operating system', 'name'),
    release: text('Release', 'name'),
    variant: text('Variant; default: "default"', 'name'),
    architecture: text('Architecture as the kernel names it; default: that of this machine', 'name'),
    description: text('Description; default: made from the other values', 'text'),
    property: v.optional(v.pipe(v.record(v.string(), v.string()), v.description('More properties')), {}),
    force: v.optional(v.pipe(v.boolean(), v.description('Replace a file that exists already')), false),
  }),
  examples: [
    'hyperkit generate-metadata metadata.tar.xz',
    'hyperkit generate-metadata metadata.tar.gz --os Alpine --release 3.21 --property team=web',
  ],
  async run({ args, print, result, would, ...tools }) {
    const pack = args.path === undefined ? undefined : packerOf(args.path)
    const now = new Date()
    const properties = await askProperties(args, now, tools)
    const yaml = await renderYaml({
      architecture: properties.architecture,
      creation_date: Math.floor(now.getTime() / 1000),
      properties: { ...properties, ...args.property },
    })
    if (args.path === undefined || pack === undefined) return print(yaml)
    if (would(`write ${args.path}`)) return
    await write(args.path, await pack(Buffer.from(yaml), now, tools.signal), args.force)
    result({ path: args.path }, args.path)
  },
})

export default script
await runIfMain(import.meta, script)

type Given = Partial<
  Record<'os' | 'release' | 'variant' | 'architecture' | 'description', string | undefined>
>

/** Asks in the order, and with the defaults, of `incus image generate-metadata`. */
async function askProperties(
  given: Given,
  now: Date,
  { ask, isInteractive }: Pick<ScriptTools, 'ask' | 'isInteractive'>,
): Promise<Record<string, string>> {
  const mayAsk = isInteractive()
  const answer = async (key: keyof Given, question: string, preset: string): Promise<string> => {
    const value = given[key] ?? (mayAsk ? await ask(question, preset) : preset)
    if (value === '') throw new UsageError(`"--${key}" is missing: an image needs it`)
    return value
  }
  const os = await answer('os', 'Operating system name', '')
  const release = await answer('release', 'Release name', '')
  const variant = await answer('variant', 'Variant name', 'default')
  const architecture = await answer('architecture', 'Architecture name', hostArchitecture())
  const serial = now.toISOString().slice(0, 16).replaceAll('-', '').replace('T', '_')
  const shown = [os, release, ...(variant === 'default' ? [] : [variant]), `(${architecture})`, `(${serial})`]
  const description = await answer('description', 'Description', shown.join(' '))
  return { os, release, variant, architecture, description, serial }
}

type Packer = (yaml: Buffer, now: Date, signal: AbortSignal) => Buffer | Promise<Buffer>

function packerOf(path: string): Packer {
  if (/\.ya?ml$/.test(path)) return (yaml) => yaml
  if (/\.tar$/.test(path)) return tar
  if (/\.(?:tar\.gz|tgz)$/.test(path)) return (yaml, now) => gzipSync(tar(yaml, now), { level: 9 })
  if (/\.(?:tar\.xz|txz)$/.test(path)) return (yaml, now, signal) => xz(tar(yaml, now), signal)
  throw new UsageError(
    `${JSON.stringify(path)} has no known ending; end it with .tar.xz, .tar.gz, .tar or .yaml`,
  )
}

/** An archive of the one file that a metadata archive needs; ustar, POSIX.1-1988. */
function tar(yaml: Buffer, now: Date): Buffer {
  const header = Buffer.alloc(512)
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0')
  header.write('metadata.yaml', 0)
  header.write(`${octal(0o644, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100)
  header.write(`${octal(yaml.length, 11)}\0${octal(Math.floor(now.getTime() / 1000), 11)}\0`, 124)
  header.write('        0', 148)
  header.write('ustar\0' + '00root', 257)
  header.write('root', 297)
  // For the checksum, its own field counts as eight spaces.
  header.write(
    `${octal(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
    148,
  )
  const padding = Buffer.alloc((512 - (yaml.length % 512)) % 512)
  return Buffer.concat([header, yaml, padding, Buffer.alloc(1024)])
}

function xz(bytes: Buffer, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // It needs no other variable, so Deno needs no further permission.
    const env = { PATH: process.env.PATH ?? '' }
    const child = spawn('xz', ['-9', '-c'], { stdio: ['pipe', 'pipe', 'inherit'], env, signal })
    const pieces: Buffer[] = []
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece))
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'ENOENT'
          ? new UsageError(
              'the program "xz" is not installed; end the path with .tar.gz, which needs no program',
            )
          : error,
      ),
    )
    child.once('close', (code) =>
      code === 0
        ? resolve(Buffer.concat(pieces))
        : reject(new UsageError(`the program "xz" ended with ${code}`)),
    )
    child.stdin.on('error', () => {})
    child.stdin.end(bytes)
  })
}

async function write(path: string, bytes: Buffer, force: boolean): Promise<void> {
  await replaceFile(path, bytes, { force }).catch((error: Error) => {
    if ((error.cause as NodeJS.ErrnoException | undefined)?.code === 'EEXIST')
      throw new UsageError(
        `${JSON.stringify(path)} exists already; choose another name, or use --force to replace it`,
      )
    throw error
  })
}
