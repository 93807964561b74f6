import type { ServerPlan } from '../documents/plan.ts'

/** The servers of a run, and the plans that are there by now. */
export interface Roster {
  readonly names: readonly string[]
  /** Records the plan of a server. */
  arrive(plan: ServerPlan): void
  /** The plans that are there, in the order of the servers. */
  plans(): readonly ServerPlan[]
  /** Whether the plan of a server is still to come. */
  isComing(server: string): boolean
  /** Resolves with a server's plan when it is there; with undefined if the run does not include the server. */
  planOf(server: string): Promise<ServerPlan | undefined>
  /** Resolves with all plans when they are there. */
  all(): Promise<ServerPlan[]>
}

/** Creates the {@link Roster} of a run on these servers. */
export function createRoster(names: readonly string[]): Roster {
  const entries = new Map(names.map((name) => [name, createEntry()]))
  return {
    names,
    arrive: (plan) => entries.get(plan.name)?.arrive(plan),
    plans: () => [...entries.values()].flatMap(({ plan }) => plan ?? []),
    isComing(server) {
      const entry = entries.get(server)
      return entry !== undefined && entry.plan === undefined
    },
    planOf: async (server) => entries.get(server)?.arrived,
    all: () => Promise.all([...entries.values()].map(({ arrived }) => arrived)),
  }
}

interface Entry {
  plan?: ServerPlan
  arrived: Promise<ServerPlan>
  arrive(plan: ServerPlan): void
}

function createEntry(): Entry {
  let resolve: (plan: ServerPlan) => void = () => {}
  const entry: Entry = {
    arrived: new Promise((done) => {
      resolve = done
    }),
    arrive(plan) {
      entry.plan = plan
      resolve(plan)
    },
  }
  return entry
}
