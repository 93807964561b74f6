import { defaultLockTimeout, imagesAtOnce, notifyDescription, serversAtOnce } from '@hyperkit/reconcile/parts'
import { type CandidateSource, duration, flag, positional } from '@hyperkit/script'
import * as v from 'valibot'
import { completeImages, completeServers } from './complete-names.ts'

/** Why a command whose manifest names the servers refuses `--remote` and `--project`. */
export const namedByManifest = {
  remote: 'the manifest names the servers; choose among them with --server',
  project: 'the manifest names the project of each server',
} as const

/** As {@link textFlag}, repeatable. */
export const textsFlag = (description: string, value: string, options: Parameters<typeof flag>[0] = {}) =>
  v.optional(v.pipe(v.array(v.string()), v.description(description), flag({ value, ...options })), [])
/** A flag with a duration, in milliseconds. */
export const durationFlag = (description: string) =>
  v.pipe(duration, v.description(description), flag<number>({ value: 'duration' }))

/** A flag that is on or off. */
export const toggle = (description: string, short?: string) =>
  v.optional(
    v.pipe(v.boolean(), v.description(description), flag<boolean>(short === undefined ? {} : { short })),
    false,
  )

/** Properties of every command that changes servers: it shows its plan for `--dry-run`, and may take any time to end cleanly. */
export const changesServers = {
  connects: false,
  handlesDryRun: true,
  grace: Number.POSITIVE_INFINITY,
  refuses: namedByManifest,
} as const

/** The word that names the manifest. */
export const manifestWord = (
  description = 'Path of the manifest, or of a directory of manifests (default: images.yaml)',
  value = 'manifest',
) => v.optional(v.pipe(v.string(), v.description(description), positional(value, { completes: 'file' })))

/** The words that name images of the manifest. */
export const imageWords = (description: string) =>
  v.optional(
    v.pipe(
      v.array(v.string()),
      v.description(description),
      positional('image', { completes: completeImages }),
    ),
    [],
  )

/** `--file` */
export const fileArguments = {
  file: textsFlag('A manifest, or a directory of manifests; several are read as one', 'path', {
    short: 'f',
    completes: 'file',
  }),
}

/** `--server` */
export const serverArguments = {
  server: textsFlag(
    'Only this server of the manifest, or servers with these labels: tier=edge,site=berlin',
    'name',
    { completes: completeServers },
  ),
}

/** `--frozen`, for every command that reads sources to compare them. */
export const frozenArguments = {
  frozen: toggle(
    'Use exactly the images in the lock file; fail if the manifest or its sources do not allow that',
  ),
}

/** The flags that select parts of a manifest. */
export const selectionArguments = {
  ...fileArguments,
  ...serverArguments,
  target: textsFlag('Only this image of the manifest', 'image', { completes: completeImages }),
  ...frozenArguments,
}

/** `--report` */
export const reportArguments = {
  report: textsFlag('Write a report of the run to this file: .html, .md or .json', 'file', {
    completes: 'file',
  }),
}

const atOnce = (description: string) =>
  v.pipe(
    v.number(),
    v.integer('it must be a whole number'),
    v.minValue(1, 'it must be 1 or more'),
    v.description(description),
    flag<number>({ value: 'number' }),
  )

/** `--parallelism`, for every command that works on several servers. */
export const parallelArguments = {
  parallelism: v.optional(atOnce('How many servers to work on at once'), serversAtOnce),
}

/** `--images-per-server`, for commands that bring images to servers, or count the space for them. */
export const imagesArguments = {
  imagesPerServer: v.optional(atOnce('How many images of a server to work on at once'), imagesAtOnce),
}

/** The flags that `plan` and `apply` share. */
export const planArguments = {
  ...selectionArguments,
  republish: textsFlag('Publish this image again, even if its instance was published before', 'image', {
    completes: completeImages,
  }),
  ...reportArguments,
  ...parallelArguments,
  ...imagesArguments,
}

/** `--allow-empty` */
export const allowEmptyArguments = {
  allowEmpty: toggle('Also prune images that the manifest no longer names'),
}

/** `--audit` */
export const auditArguments = {
  audit: v.optional(
    v.pipe(
      v.string(),
      v.description(
        'Append a line of JSON before and after each change to this file ("journald": to the journal); a change that cannot be recorded is not made',
      ),
      flag({ value: 'file', completes: 'file' }),
    ),
  ),
}

/** `--yes`, `--lock-timeout` and `--audit`, for every command that changes servers. */
export const changeArguments = {
  ...auditArguments,
  yes: toggle('Do not ask for confirmation', 'y'),
  lockTimeout: v.optional(
    durationFlag('How long to wait while another run of the same manifest holds the lock'),
    `${defaultLockTimeout / 1000}s`,
  ),
  ...parallelArguments,
}

/** `--resume` */
export const resumeArguments = {
  resume: toggle('If the rollout is paused, pass one failed check or server, and begin the next wave'),
}

/** `--notify` */
export const notifyArguments = {
  notify: v.optional(v.pipe(v.string(), v.description(notifyDescription), flag({ value: 'command' }))),
}

/** A flag with a text. */
export const textFlag = (
  description: string,
  options: { value?: string; short?: string; completes?: 'file' | 'directory' | CandidateSource } = {},
) => v.optional(v.pipe(v.string(), v.description(description), flag(options)))

/** `auto`: bars on a terminal, otherwise lines. */
export const progressKinds = ['auto', 'plain', 'json', 'none'] as const
export type ProgressKind = (typeof progressKinds)[number]

/** `--progress`, for commands that move images. */
export const progressArguments = (preset: ProgressKind = 'auto') => ({
  progress: v.optional(
    v.pipe(
      v.picklist(progressKinds),
      v.description(
        'How to show progress on stderr: bars on a terminal and lines elsewhere, always lines, one JSON document per line, or not at all',
      ),
      flag<ProgressKind>({ value: 'kind' }),
    ),
    preset,
  ),
})
