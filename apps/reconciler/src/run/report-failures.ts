import type { ApplyReport, Failure, Plan, Refusal } from '@hyperkit/reconcile'
import { explainRollout, lackingIn, problemsOf } from '@hyperkit/reconcile/parts'
import type { ScriptTools } from '@hyperkit/script'

type Fail = Pick<ScriptTools, 'fail'>

/** Reports a server that was not read as a failure; the result already shows it. */
export function reportUnread(name: string, error: Failure, { fail }: Fail): void {
  fail(`Cannot read server "${name}": ${error.message}`, { code: error.code, isShown: true })
}

/** Reports unread servers and images that could not be planned as failures; the result already shows them. */
export function reportUnplanned(plan: Plan, tools: Fail): void {
  for (const server of plan.servers)
    if (server.status === 'unread') reportUnread(server.name, server.error, tools)
  for (const { server, image, error } of problemsOf(plan))
    tools.fail(`Cannot plan image "${image}" on "${server}": ${error.message}`, {
      code: error.code,
      isShown: true,
    })
  for (const { error } of lackingIn(plan)) tools.fail(error.message, { code: error.code, isShown: true })
}

/** Reports the reasons why a plan must not be applied. */
export function reportRefusals(refusals: readonly Refusal[], { fail }: Fail): void {
  for (const { message } of refusals) fail(message, { code: 'precondition-failed' })
}

/** Reports what of a plan was not done; the result already shows it. */
export function reportUndone(report: ApplyReport, { fail }: Fail): void {
  const { servers } = report
  for (const { name, status, error, results, problems = [] } of servers) {
    // A wave that did not begin is one failure, not one for each of its servers.
    if (status === 'done' || status === 'waiting') continue
    const first = error ?? results.find(({ error: why }) => why !== undefined)?.error ?? problems[0]?.error
    const message = first?.message ?? 'the run was interrupted'
    fail(`Cannot carry out the whole plan on "${name}" (${status}): ${message}`, {
      code: first?.code ?? status,
      // A failure of the whole server is not among its results.
      isShown: status === 'unread' || error === undefined,
    })
  }
  for (const { code, message } of explainRollout(report)) fail(message, { code })
}
