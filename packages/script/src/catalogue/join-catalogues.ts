import type { Catalogue } from './catalogue.ts'

/** Joins several catalogues in their order. Of two scripts with one name the first one is used. */
export function joinCatalogues(catalogues: readonly Catalogue[]): Catalogue {
  const first = async <T>(ask: (catalogue: Catalogue) => Promise<T | undefined>): Promise<T | undefined> => {
    for (const catalogue of catalogues) {
      const answer = await ask(catalogue)
      if (answer !== undefined) return answer
    }
    return undefined
  }
  return {
    async names() {
      const names = await Promise.all(catalogues.map((catalogue) => catalogue.names()))
      return [...new Set(names.flat())]
    },
    describe: (name) => first((catalogue) => catalogue.describe(name)),
    load: (name) => first((catalogue) => catalogue.load(name)),
  }
}
