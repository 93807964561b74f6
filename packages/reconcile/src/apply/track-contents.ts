import type { ChangeResult } from '../documents/apply-report.ts'
import type { Failure } from '../documents/error.ts'
import type { Change, PlannedServer } from '../documents/plan.ts'
import { isCreation } from '../plan/plan-creation.ts'
import type { Roster } from './roster.ts'

/** Tracks which images a run has brought to which servers, so that copies can wait for their source. */
export interface Contents {
  /** Records which images a plan brings to its server, besides those of an earlier plan of it. */
  expect(plan: PlannedServer): void
  /** Resolves when the run has brought an image to a server, or if it will not bring it there; with a failure if that failed. */
  whenThere(server: string, fingerprint: string): Promise<Failure | undefined>
  /** Whether the run has yet to bring an image to a server whose plan is there. */
  isComing(server: string, fingerprint: string): boolean
  /** Records a fingerprint that was not known before. */
  learn(promised: string, fingerprint: string): void
  /** The change with the fingerprints that are known by now. */
  fillIn<Of extends Change>(change: Of): Of
  ended(server: string, result: ChangeResult): void
}

/** Codes of failures to read a server after which nothing is copied from it. */
const silent = ['unreachable', 'timeout']

export function trackContents(roster: Roster): Contents {
  const waited = new Map<string, PromiseWithResolve>()
  const learnt = new Map<string, string>()
  const keyOf = (server: string, fingerprint: string): string => JSON.stringify([server, fingerprint])
  const known = (fingerprint: string): string => learnt.get(fingerprint) ?? fingerprint
  return {
    expect({ name, changes }) {
      for (const { fingerprint } of changes.filter(isCreation)) {
        const key = keyOf(name, fingerprint)
        if (!waited.has(key)) waited.set(key, withResolve())
      }
    },
    async whenThere(server, fingerprint) {
      const plan = await roster.planOf(server)
      if (plan?.status === 'unread' && silent.includes(plan.error.code)) return plan.error
      return waited.get(keyOf(server, fingerprint))?.promise
    },
    isComing: (server, fingerprint) => waited.get(keyOf(server, fingerprint))?.isOver === false,
    learn(promised, fingerprint) {
      learnt.set(promised, fingerprint)
    },
    fillIn: (change) => ({
      ...change,
      fingerprint: known(change.fingerprint),
      ...('after' in change ? { after: { ...change.after, target: known(change.after.target) } } : {}),
    }),
    ended(server, { change, outcome, error }) {
      if (!isCreation(change)) return
      const failure = outcome === 'done' ? undefined : (error ?? { code: outcome, message: outcome })
      waited.get(keyOf(server, change.fingerprint))?.resolve(failure)
    },
  }
}

interface PromiseWithResolve {
  isOver: boolean
  promise: Promise<Failure | undefined>
  resolve(failure: Failure | undefined): void
}

function withResolve(): PromiseWithResolve {
  let resolve: PromiseWithResolve['resolve'] = () => {}
  const promise = new Promise<Failure | undefined>((done) => {
    resolve = done
  })
  const made: PromiseWithResolve = {
    isOver: false,
    promise,
    resolve(failure) {
      made.isOver = true
      resolve(failure)
    },
  }
  return made
}
