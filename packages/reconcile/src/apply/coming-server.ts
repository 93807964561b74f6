import type { DesiredServer } from '../desired/desired.ts'
import type { ServerPlan } from '../documents/plan.ts'

/** A server of a run, whose plan may still be made. */
export interface ComingServer {
  name: string
  /** Its plan, once its work may begin. A rejection says why nothing is begun there. */
  plan: Promise<ServerToDo>
}

/** A server whose work may begin. */
export interface ServerToDo {
  server: ServerPlan
  /** What the manifest wants there: it says how to read images that are not on this machine's disk. Undefined for a rollback. */
  wanted?: DesiredServer | undefined
  /** Its whole plan, if `server` is without what is pruned, which is known later. A rejection says why nothing is pruned. */
  rest?: (() => Promise<ServerPlan>) | undefined
}
