import type { DocTag, PublicExport } from './read-exports.ts'

/** One entry of a package: `.`, or a path below it. */
export interface Door {
  /** `packages/core` */
  folder: string
  /** `.` or `./parts` */
  path: string
  /** From the comment on the entry itself. */
  tags: readonly DocTag[]
  exports: readonly Pick<PublicExport, 'name' | 'kind' | 'module' | 'doc' | 'tags' | 'silentMethods'>[]
}

const values: readonly PublicExport['kind'][] = ['function', 'class', 'variable']

/**
 * Finds names of an entry with missing documentation. Each name needs a comment, and each value of a main entry needs an example,
 * or a reference to a value that has one (`@see {@link name}`, or a link in its text). Another entry needs one example for
 * all of its values, in the comment on the entry.
 */
export function findSilence({ folder, path, tags, exports }: Door): string[] {
  const pieces =
    path === '.' || hasExample({ tags })
      ? []
      : [
          `${folder} ${path}: the comment of this entry needs an example that shows how its values are used together`,
        ]
  const shown = new Set(exports.filter(hasExample).map(({ name }) => name))
  const silence = exports.flatMap((one) => {
    const { name, kind, module, doc, silentMethods } = one
    const place = `${folder}/src/${module}.ts`
    const what = [...(doc === '' ? [name] : []), ...silentMethods.map((method) => `${name}.${method}`)]
    const silent = what.map((each) => `${place}: "${each}" is public but has no comment`)
    const needsExample = path === '.' && values.includes(kind) && doc !== ''
    if (!needsExample || shown.has(name) || linksOf(one).some((link) => shown.has(link))) return silent
    return [
      ...silent,
      `${place}: "${name}" has neither an example nor a link to a value of its package that has one`,
    ]
  })
  return [...pieces, ...silence]
}

function hasExample({ tags }: { tags: readonly DocTag[] }): boolean {
  return tags.some(({ kind, doc = '' }) => kind === 'example' && doc.includes('```ts'))
}

function linksOf({ doc, tags }: Door['exports'][number]): string[] {
  const texts = [doc, ...tags.filter(({ kind }) => kind === 'see').map((tag) => tag.doc ?? '')]
  return texts.flatMap((text) => [...text.matchAll(/\{@link ([\w$]+)/g)].map(([, name = '']) => name))
}
