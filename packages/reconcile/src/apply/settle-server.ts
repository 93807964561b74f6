import type { Change, UpdateImage } from '../documents/plan.ts'
import { auditChange } from './audit-change.ts'
import { findNoted, placeOf } from './find-noted.ts'
import { isSilent } from './is-silent.ts'
import type { Run } from './run-state.ts'
import { findTokens, fingerprintOfToken, type LeftTokens, settleTokens } from './settle-tokens.ts'

/** A server on which what killed runs have left is settled. */
export interface Settling {
  name: string
  run: Run
  /** What is to be changed there. */
  waiting: readonly Change[]
  /** Tokens for images that this run updates: the marks of a token would change their ETag, so they are settled afterwards. */
  later?: LeftTokens
}

/** Ends what a killed run has left. A failure here is one of the server, and is reported with the first of its changes. */
export async function settleBefore(way: Settling): Promise<void> {
  const { name, run, waiting } = way
  const { open, manifest, signal, settled } = run
  const server = run.identify(name)
  // Once in a run: later, another entry for the same server may have a token of its own.
  if (settled.has(server)) return
  settled.add(server)
  const updated = new Set(
    waiting.flatMap((each) => (each.action === 'update-image' && each.etag !== null ? each.fingerprint : [])),
  )
  const isUpdated = (token: LeftTokens['tokens'][number]): boolean =>
    updated.has(fingerprintOfToken(token) ?? '')
  try {
    const client = await open(name)
    const { tokens, uploads } = await findTokens(client, manifest, signal)
    way.later = { noted: [], tokens: tokens.filter(isUpdated), uploads: [] }
    const noted = await findNoted(name, client, run)
    const now = tokens.filter((token) => !isUpdated(token))
    await settleTokens(client, { noted: noted.other, tokens: now, uploads }, claimingOf(way))
    for (const { fingerprint } of noted.all) await run.notes?.end(placeOf(name, client), fingerprint)
    const left = [...noted.all.map((note) => note.fingerprint), ...tokens.map(fingerprintOfToken)]
    // The server does not say which image is uploaded.
    if (uploads.length === 0) run.leftovers.set(name, new Set(left.filter((each) => each !== undefined)))
  } catch (error) {
    if (isSilent(error)) throw error
    // The next run tries again. Until then, uploads of this run look themselves for what is left.
  }
}

/** Ends what had to wait for the changes of this run. */
export async function settleLater(way: Settling): Promise<void> {
  const { name, run, later } = way
  delete way.later
  if (later === undefined || later.tokens.length === 0) return
  await run
    .open(name)
    .then((client) => settleTokens(client, later, claimingOf(way)))
    .catch(() => undefined)
}

/** As {@link settleBefore}, on a server without changes, but not if another run works there: then the tokens are that run's. */
export async function settleUnchanged(way: Settling): Promise<void> {
  const { name, run } = way
  const { open, manifest, signal } = run
  if (run.settled.has(run.identify(name))) return
  const place = await run.places.take(name)
  try {
    const client = await open(name)
    const { tokens } = await findTokens(client, manifest, signal)
    if (tokens.length + (await findNoted(name, client, run)).all.length === 0) return
    const held = await run.locks?.take(name, [], place.leave, { wanted: aliasesOf(name, run), timeout: 0 })
    await settleBefore(way).finally(() => held?.release())
    run.leftovers.delete(name)
  } catch {
    // Another run works there, or the server fails; the next run tries again.
  } finally {
    place.leave()
  }
}

/** How a left image gets its marks: like any other change it is recorded, and not made if it cannot be. */
function claimingOf({ name, run }: Settling): Parameters<typeof settleTokens>[2] {
  return {
    signal: run.signal,
    async update(change: UpdateImage) {
      const { error } = await auditChange(change, name, run)
      if (error !== undefined) throw new Error(error.message)
    },
  }
}

/** The aliases that the manifest wants on a server, whether they change or not. */
export function aliasesOf(name: string, { wanted }: Pick<Run, 'wanted'>): string[] {
  const images = wanted.get(name)?.images ?? []
  return images.flatMap((image) => [...image.aliases.map((alias) => alias.name), ...image.names])
}
