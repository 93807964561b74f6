import { defaultLockTimeout, notifyDescription } from '@hyperkit/reconcile/parts'
import { type CandidateSource, duration, flag, positional } from '@hyperkit/script'
import * as v from 'valibot'
import { completeImages, completeServers } from './complete-names.ts'

/** Why a command whose manifest names the servers takes neither `--remote` nor `--project`. */
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

/** What holds for every command that changes servers: it shows its plan for `--dry-run`, and ends in order, however long that takes. */
export const changesServers = {
  connects: false,
  handlesDryRun: true,
  grace: Number.POSITIVE_INFINITY,
  refuses: namedByManifest,
} as const

/** The word that names the manifest. */
export const manifestWord = (
  description = 'Path of the manifest, or of a folder of them (default: images.yaml)',
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
  file: textsFlag('A manifest, or a folder of them, that belongs together with the others', 'path', {
    short: 'f',
    completes: 'file',
  }),
}

/** `--server` */
export const serverArguments = {
  server: textsFlag(
    'Only this server of the manifest, or those with these labels: tier=edge,site=berlin',
    'name',
    { completes: completeServers },
  ),
}

/** `--frozen`, for every command that reads sources to compare them. */
export const frozenArguments = {
  frozen: toggle('Refuse what differs from the lock file; take the locked image if its source has moved on'),
}

/** What selects parts of a manifest. */
export const selectionArguments = {
  ...fileArguments,
  ...serverArguments,
  target: textsFlag('Only this image of the manifest', 'image', { completes: completeImages }),
  ...frozenArguments,
}

/** `--report` */
export const reportArguments = {
  report: textsFlag('Write what was found and done as a page or document: .html, .md or .json', 'file', {
    completes: 'file',
  }),
}

/** What `plan` and `apply` have in common. */
export const planArguments = {
  ...selectionArguments,
  republish: textsFlag('Publish this image anew, although its instance was published before', 'image', {
    completes: completeImages,
  }),
  ...reportArguments,
}

/** `--allow-empty` */
export const allowEmptyArguments = {
  allowEmpty: toggle('Prune also what the manifest does not name any more'),
}

/** `--yes` and `--lock-timeout`, for every command that changes servers. */
export const changeArguments = {
  yes: toggle('Do not ask', 'y'),
  lockTimeout: v.optional(
    durationFlag('How long to wait for another run of the same manifest'),
    `${defaultLockTimeout / 1000}s`,
  ),
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

/** `auto`: bars on a terminal, else lines. */
export const progressKinds = ['auto', 'plain', 'json', 'none'] as const
export type ProgressKind = (typeof progressKinds)[number]

/** `--progress`, for commands that move images. */
export const progressArguments = (preset: ProgressKind = 'auto') => ({
  progress: v.optional(
    v.pipe(
      v.picklist(progressKinds),
      v.description(
        'How progress shows on stderr: bars on a terminal and else lines, lines, one JSON document a line, or not',
      ),
      flag<ProgressKind>({ value: 'kind' }),
    ),
    preset,
  ),
})
