import type { Scene } from './open-scene.ts'

export interface Gaps {
  /** @returns how often an alias was missing */
  stop(): Promise<number>
}

/** Reads the aliases again and again, through whichever member answers, and counts how often one is missing. */
export function watchAliases({ client, aliases }: Pick<Scene, 'client' | 'aliases'>): Gaps {
  let isOver = false
  let gaps = 0
  const watching = (async () => {
    while (!isOver) {
      for (const name of aliases) {
        // A server that does not answer shows nothing.
        const seen = await client.aliases.find(name).catch(() => 'unknown')
        if (seen === undefined) {
          gaps++
          console.log(`  the alias ${name} is missing`)
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })()
  return {
    async stop() {
      isOver = true
      await watching
      return gaps
    },
  }
}
