import type { ChangeResult } from '../documents/apply-report.ts'
import type { AuditLine } from '../documents/audit.ts'
import type { AliasState, Change, FieldChange } from '../documents/plan.ts'
import { isKnown } from '../identity/fingerprint-to-come.ts'

/** What all lines of a run have in common. */
export type AuditedRun = Pick<AuditLine, 'run' | 'command' | 'user' | 'uid' | 'manifest'>

/** The line before a change. */
export function describeBegun(run: AuditedRun, server: string, change: Change, time: Date): AuditLine {
  return { ...headOf(run, time, 'begun'), server, ...describe(change, change.fingerprint) }
}

/** The line after it. */
export function describeEnded(
  run: AuditedRun,
  server: string,
  { change, outcome, error, fingerprint = change.fingerprint }: ChangeResult,
  time: Date,
): AuditLine {
  return {
    ...headOf(run, time, 'ended'),
    outcome,
    server,
    ...describe(change, fingerprint),
    ...(error === undefined ? {} : { error }),
  }
}

/** A line about the lock of a manifest on a server. */
export function describeRelease(
  run: AuditedRun,
  server: string,
  end: Pick<AuditLine, 'outcome' | 'error'> & { holder?: string | undefined },
  time: Date,
): AuditLine {
  const { holder, ...rest } = end
  const event = end.outcome === undefined ? 'begun' : 'ended'
  const from = holder === undefined ? null : { holder }
  return { ...headOf(run, time, event), ...rest, server, action: 'release-lock', from, to: null }
}

function headOf({ run, command, user, uid, manifest }: AuditedRun, time: Date, event: AuditLine['event']) {
  return {
    format: 'hyperkit-audit',
    version: 1,
    time: time.toISOString(),
    event,
    run,
    command,
    user,
    ...(uid === undefined ? {} : { uid }),
    manifest,
  } as const
}

type State = AuditLine['from']

function describe(
  change: Change,
  fingerprint: string,
): Pick<AuditLine, 'action' | 'image' | 'alias' | 'from' | 'to'> {
  const { action, image } = change
  const alias = 'alias' in change ? { alias: change.alias } : {}
  const [from, to] = statesOf(change, isKnown(fingerprint) ? { fingerprint } : {})
  return { action, image, ...alias, from, to }
}

function statesOf(change: Change, named: { fingerprint?: string }): [State, State] {
  switch (change.action) {
    case 'upload-image':
    case 'download-image':
    case 'copy-image':
    case 'publish-image':
      return [null, { ...named, ...attributesOf(change.fields, 'after') }]
    case 'update-image':
      return [
        { ...named, ...attributesOf(change.fields, 'before') },
        { ...named, ...attributesOf(change.fields, 'after') },
      ]
    case 'create-alias':
      return [null, pointedAt(change.after, named)]
    case 'update-alias':
      return [{ ...change.before }, pointedAt(change.after, named)]
    case 'remove-alias':
      return [{ ...change.before }, null]
    case 'delete-image':
      return [{ ...named, aliases: [...change.aliases] }, null]
  }
}

/** An alias of an image that the run makes has no target until the image has a fingerprint. */
function pointedAt({ target, ...alias }: AliasState, { fingerprint }: { fingerprint?: string }): State {
  if (isKnown(target)) return { target, ...alias }
  return fingerprint === undefined ? alias : { target: fingerprint, ...alias }
}

function attributesOf(
  fields: readonly FieldChange[],
  when: 'before' | 'after',
): Pick<NonNullable<State>, 'attributes'> {
  const pairs = fields.map((field) => {
    const value = field[when]
    return [field.field === 'property' ? `properties.${field.key}` : field.field, value] as const
  })
  return pairs.length === 0 ? {} : { attributes: Object.fromEntries(pairs) }
}
