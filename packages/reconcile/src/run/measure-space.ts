import type { Client } from '@hyperkit/core'
import type { SlowReport } from '@hyperkit/terminal'
import { createImagesAtOnce } from '../concurrency/images-at-once.ts'
import { mapAtMost } from '../concurrency/map-at-most.ts'
import { serversAtOnce } from '../concurrency/servers-at-once.ts'
import type { Plan } from '../documents/plan.ts'
import type { ImageSpace } from '../observed/image-space.ts'
import { readSpace } from '../observed/read-space.ts'
import { fitImages } from '../plan/fit-images.ts'
import { isCreation } from '../plan/plan-creation.ts'

export interface MeasureSpaceOptions {
  signal: AbortSignal
  open(server: string): Promise<Client>
  /** Servers that are not asked. @default none */
  except?: readonly string[]
  /** What was read before, by the name of the server; what is read now is added. @default nothing */
  known?: Map<string, Promise<ImageSpace>>
  /** How many images of a server come at once. @default 4 on each */
  imagesAtOnce?: (server: string) => number
  /** Reports servers that do not answer for some seconds. */
  slow: SlowReport
}

/** Asks the servers that get images for the space that is free there, and says in the plan what does not fit. */
export async function measureSpace(
  plan: Plan,
  {
    signal,
    open,
    except = [],
    known = new Map(),
    slow,
    imagesAtOnce = createImagesAtOnce([]),
  }: MeasureSpaceOptions,
): Promise<Plan> {
  const names = plan.servers.flatMap((server) =>
    server.status === 'planned' && server.changes.some(isCreation) && !except.includes(server.name)
      ? [server.name]
      : [],
  )
  const ask = (name: string): Promise<ImageSpace> => {
    const space =
      known.get(name) ??
      slow.during(
        `the free space of ${name}`,
        open(name).then((client) => readSpace(client, { signal })),
      )
    known.set(name, space)
    return space
  }
  const spaces = await mapAtMost(serversAtOnce, names, async (name) => [name, await ask(name)] as const)
  return fitImages(plan, new Map(spaces), imagesAtOnce)
}
