import { type Client, isHyperkitError, TransportError } from '@hyperkit/core'
import { hideSecrets, messageOf, writeOut } from '@hyperkit/core/parts'
import type { ChangeResult } from '../documents/apply-report.ts'
import type { Failure } from '../documents/error.ts'
import type { Change, Creation } from '../documents/plan.ts'
import { isKnown } from '../identity/fingerprint-to-come.ts'
import { claimOf } from '../observed/server-mark.ts'
import { isMark } from '../ownership/owner-property.ts'
import { isCreation } from '../plan/plan-creation.ts'
import { applyChange } from './apply-change.ts'
import { placeOf } from './find-noted.ts'
import { silentCodes } from './is-silent.ts'
import { propertiesOf } from './properties-of.ts'
import type { Run } from './run-state.ts'
import type { UploadNote } from './upload-notes.ts'

/** Makes one change of a server; a failure becomes its result. */
export async function tryChange(planned: Change, server: string, run: Run): Promise<ChangeResult> {
  const { open, identify, signal, onEvent, imageMutex, contents, downloads, uploads } = run
  const change = contents.fillIn(planned)
  const images = run.wanted.get(server)?.images
  let client: Client | undefined
  const warned: string[] = []
  const warnings = () => (warned.length === 0 ? {} : { warnings: warned })
  try {
    const opened = await open(server)
    client = opened
    // One change at a time for an image of a server: an upload during a download of the same image can lose the file for good (T5).
    const key = claimOf(await opened.server({ signal })) ?? identify(server)
    const isNoted = isCreation(change) && isKnown(change.fingerprint)
    const place = placeOf(server, opened)
    if (isNoted) await run.notes?.begin(place, noteOf(change))
    const imageKey = `${key} ${change.fingerprint}`
    const fingerprint = await imageMutex.run(imageKey, () => {
      const isNew = !run.brought.has(imageKey) && run.leftovers.get(server)?.has(change.fingerprint) === false
      if (isCreation(change)) run.brought.add(imageKey)
      return applyChange(opened, change, {
        isNew,
        signal,
        manifest: run.manifest,
        open,
        downloads,
        uploads,
        checkUsage: run.checkUsage,
        maxSize: run.maxSize,
        deletions: run.deletions,
        key,
        imageMutex,
        wrapTransport: run.wrapTransport,
        maxDocument: run.maxDocument,
        origin: images?.find((image) => image.fingerprint === planned.fingerprint)?.origin,
        onProgress: (progress) => onEvent?.({ kind: 'moved', server: server, change: planned, progress }),
        onFetched: (progress) =>
          onEvent?.({ kind: 'moved', server: server, change: planned, progress, isElsewhere: true }),
        onWaiting: (message) => onEvent?.({ kind: 'waiting', server: server, change: planned, message }),
        onWarning(message) {
          warned.push(message)
          onEvent?.({ kind: 'warned', server: server, change: planned, message })
        },
      })
    })
    // After a failure the server may still complete the image, so the note stays for the next run.
    if (isNoted) await run.notes?.end(place, change.fingerprint)
    contents.learn(planned.fingerprint, fingerprint)
    return {
      change: planned,
      outcome: 'done',
      ...(fingerprint === planned.fingerprint ? {} : { fingerprint }),
      ...warnings(),
    }
  } catch (error) {
    const outcome = signal.aborted ? 'interrupted' : 'failed'
    // The signal is reported once, for the whole run.
    if (signal.aborted && error === signal.reason)
      return {
        change: planned,
        outcome,
        error: { code: 'interrupted', message: 'the run was interrupted in the middle of it' },
        ...warnings(),
      }
    return { change: planned, outcome, error: failureOf(error, client?.name), ...warnings() }
  }
}

function noteOf({ fingerprint, fields }: Creation): UploadNote {
  const marks = Object.entries(propertiesOf(fields)).filter(([key]) => isMark(key))
  return { fingerprint, marks: Object.fromEntries(marks) }
}

/** Codes of failures after which a server is not asked again. */
export const unreachable: readonly string[] = [...silentCodes, 'not-authorized']

/** The code and message of a failed change. */
export function failureOf(error: unknown, here: string | undefined): Failure {
  const code = codeOf(error, here)
  const message = messageOf(error)
  const cause = error instanceof TransportError && error.cause instanceof Error ? error.cause.message : ''
  // The message has it in this form, if it has it.
  const shown = writeOut(hideSecrets(cause))
  return { code, message: message.includes(shown) ? message : `${message} (${shown})` }
}

/** If another server is unreachable, which an image comes from, this server continues with its other images. */
function codeOf(error: unknown, here: string | undefined): string {
  if (!isHyperkitError(error)) return 'unexpected'
  const isElsewhere = error.server !== undefined && here !== undefined && error.server !== here
  return isElsewhere && unreachable.includes(error.code) ? `source-${error.code}` : error.code
}
