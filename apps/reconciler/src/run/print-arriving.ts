import { type Plan, renderPlan, type ServerPlan, summarizePlan } from '@hyperkit/reconcile'
import { describePlanned, renderServers, renderSummary } from '@hyperkit/reconcile/parts'
import type { ScriptTools } from '@hyperkit/script'
import type { ProgressKind } from '../arguments/manifest-arguments.ts'

/** Prints the plans of servers as they come. */
export interface PlanPrinter {
  /** Takes the plan of a server whose work begins, or what it does there later. */
  take(server: ServerPlan): void
  /** Prints what was taken and is not printed yet; called before anything else is printed about these servers. */
  flush(): void
  /** Prints the new plan of one server that was planned again. */
  again(plan: Plan): void
  /** Prints the rest of the plan, and its summary: everything, if nothing of it is printed yet. */
  end(plan: Plan): void
}

/** Milliseconds: plans that come within them are printed together, so that equal ones are grouped. */
const together = 100

/** Creates a {@link PlanPrinter}. The plan is on stdout, or on stderr if that belongs to JSON. */
export function printArriving(
  { console, json }: Pick<ScriptTools, 'console' | 'json'>,
  progress: ProgressKind,
): PlanPrinter {
  const paint = json ? console.paintError : console.paint
  const print = (text: string): void => {
    if (!json) void console.result(text)
    else if (progress !== 'json') void console.note(text.trimEnd())
  }
  let waiting: ServerPlan[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  const shown = new Set<string>()
  let hasBegun = false
  const show = (servers: readonly ServerPlan[]): void => {
    for (const section of renderServers(servers, paint)) {
      print(`${section}\n\n`)
      hasBegun = true
    }
  }
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    for (const { name } of waiting) shown.add(name)
    show(waiting)
    waiting = []
  }
  return {
    take(server) {
      // It was shown with the whole plan, before its work began.
      if (shown.delete(`whole ${server.name}`)) return
      waiting.push(server)
      timer ??= setTimeout(flush, together)
    },
    flush,
    again(plan) {
      flush()
      print(renderPlan(plan, paint))
    },
    end(plan) {
      if (progress === 'json') console.event(describePlanned(summarizePlan(plan)), { isNote: true })
      const taken = new Set(waiting.map(({ name }) => name))
      if (hasBegun) {
        flush()
        show(plan.servers.filter(({ name }) => !shown.has(name)))
        print(`${renderSummary(plan, paint)}\n`)
      } else {
        clearTimeout(timer)
        waiting = []
        print(renderPlan(plan, paint))
      }
      for (const { name } of plan.servers)
        if (!shown.has(name) && !taken.has(name)) shown.add(`whole ${name}`)
    },
  }
}
