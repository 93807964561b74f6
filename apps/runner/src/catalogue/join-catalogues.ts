import type { Catalogue } from './catalogue.ts'

/** Several as one; of two scripts with one name the first one's counts. */
export function joinCatalogues(catalogues: readonly Catalogue[]): Catalogue {
  return {
    async names() {
      const names = await Promise.all(catalogues.map((catalogue) => catalogue.names()))
      return [...new Set(names.flat())].sort()
    },
    async load(name) {
      for (const catalogue of catalogues) {
        const script = await catalogue.load(name)
        if (script !== undefined) return script
      }
      return undefined
    },
  }
}
