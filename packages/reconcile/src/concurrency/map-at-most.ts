/** `Promise.all` over a function, with at most `limit` calls at a time. The first failure is thrown, and no further call starts. */
export async function mapAtMost<In, Out>(
  limit: number,
  items: Iterable<In>,
  run: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const all = [...items]
  const queue = all.entries()
  const results: Out[] = []
  let failed = false
  const work = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failed) return
      try {
        results[index] = await run(item)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, all.length) }, work))
  return results
}
