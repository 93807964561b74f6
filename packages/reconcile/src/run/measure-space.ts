import type { Client } from '@hyperkit/core'
import { mapAtMost } from '../concurrency/map-at-most.ts'
import type { Plan } from '../documents/plan.ts'
import { readSpace } from '../observed/read-space.ts'
import { fitImages } from '../plan/fit-images.ts'
import { isCreation } from '../plan/plan-creation.ts'

export interface MeasureSpaceOptions {
  signal: AbortSignal
  open(server: string): Promise<Client>
  /** Servers that are not asked. @default none */
  except?: readonly string[]
}

const serversAtOnce = 16

/** Asks the servers that get images for the space that is free there, and says in the plan what does not fit. */
export async function measureSpace(
  plan: Plan,
  { signal, open, except = [] }: MeasureSpaceOptions,
): Promise<Plan> {
  const names = plan.servers.flatMap((server) =>
    server.status === 'planned' && server.changes.some(isCreation) && !except.includes(server.name)
      ? [server.name]
      : [],
  )
  const spaces = await mapAtMost(
    serversAtOnce,
    names,
    async (name) => [name, await readSpace(await open(name), signal)] as const,
  )
  return fitImages(plan, new Map(spaces))
}
