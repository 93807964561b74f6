import { type ApplyReport, changesOf, type Plan } from '@hyperkit/reconcile'
import {
  type CarryOutPlanOptions,
  carryOutPlan,
  type PlanInput,
  type PreparedPlan,
  type Preparing,
  preparePlan,
  type RolloutOptions,
} from '@hyperkit/reconcile/parts'

const quiet = { hide: () => {}, note: async () => {} }

/** Makes a plan, as `plan` does. The caller closes it. */
export async function prepare(
  path: string,
  input: Partial<PlanInput> = {},
  kept: Pick<Preparing, 'known' | 'desired' | 'wrapTransport'> = {},
): Promise<PreparedPlan> {
  const { signal } = new AbortController()
  return preparePlan({ paths: [path], targets: [], servers: [], ...input }, { signal, ...quiet, ...kept })
}

export async function planOf(path: string, input: Partial<PlanInput> = {}): Promise<Plan> {
  const prepared = await prepare(path, input)
  await prepared.close()
  return prepared.plan
}

interface ApplyOfOptions
  extends Partial<Pick<CarryOutPlanOptions, 'signal' | 'onEvent'>>,
    Pick<RolloutOptions, 'resume' | 'onNote'> {}

/** Plans and applies, as `apply --yes` does but without the lock. */
export async function applyOf(
  path: string,
  input: Partial<PlanInput> = {},
  { signal = new AbortController().signal, onEvent, ...rollout }: ApplyOfOptions = {},
): Promise<ApplyReport> {
  const prepared = await prepare(path, input)
  try {
    const [refusal] = prepared.refusals
    if (refusal !== undefined) throw new Error(refusal.message)
    const { open, identify, desired, manifest } = prepared
    return await carryOutPlan(prepared.plan, {
      signal,
      open,
      identify,
      desired,
      onEvent,
      rollout: manifest.rollout && { ...manifest.rollout, ...rollout },
    })
  } finally {
    await prepared.close()
  }
}

export function actionsOf(plan: Plan): string[] {
  return changesOf(plan).map(({ action }) => action)
}

/** A line `server: action: outcome` for each change, with the reason if it was not done. */
export function outcomesOf(report: ApplyReport): string[] {
  return report.servers.flatMap(({ name, results, problems = [] }) => [
    ...results.map(({ change, outcome, error }) =>
      [name, change.action, outcome, ...(error === undefined ? [] : [error.message])].join(': '),
    ),
    ...problems.map(({ image, error }) => [name, image, error.message].join(': ')),
  ])
}
