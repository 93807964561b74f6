import type { Catalogue } from './catalogue.ts'

/** Several catalogues as one, in their order; of two scripts with one name the first one counts. */
export function joinCatalogues(catalogues: readonly Catalogue[]): Catalogue {
  return {
    async names() {
      const names = await Promise.all(catalogues.map((catalogue) => catalogue.names()))
      return [...new Set(names.flat())]
    },
    async describe(name) {
      for (const catalogue of catalogues)
        if ((await catalogue.names()).includes(name)) return catalogue.describe(name)
      return ''
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
