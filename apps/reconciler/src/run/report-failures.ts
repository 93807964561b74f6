import type { ApplyReport, Plan, Refusal } from '@hyperkit/reconcile'
import { problemsOf } from '@hyperkit/reconcile/parts'
import type { ScriptTools } from '@hyperkit/script'

type Fail = Pick<ScriptTools, 'fail'>

/** Servers that were not read and images that could not be planned: the result shows them, and they are failures. */
export function reportUnplanned(plan: Plan, { fail }: Fail): void {
  for (const server of plan.servers)
    if (server.status === 'unread')
      fail(`Cannot read server "${server.name}": ${server.error.message}`, {
        code: server.error.code,
        isShown: true,
      })
  for (const { server, image, error } of problemsOf(plan))
    fail(`Cannot plan image "${image}" on "${server}": ${error.message}`, { code: error.code, isShown: true })
}

/** What forbids to do a plan. */
export function reportRefusals(refusals: readonly Refusal[], { fail }: Fail): void {
  for (const { message } of refusals) fail(message, { code: 'precondition-failed' })
}

/** What of a plan was not done; the result shows it. */
export function reportUndone({ servers }: ApplyReport, { fail }: Fail): void {
  for (const { name, status, error, results, problems = [] } of servers) {
    if (status === 'done') continue
    const first = error ?? results.find(({ error: why }) => why !== undefined)?.error ?? problems[0]?.error
    const message = first?.message ?? 'it was interrupted'
    fail(`Server "${name}" is not as planned (${status}): ${message}`, {
      code: first?.code ?? status,
      isShown: true,
    })
  }
}
