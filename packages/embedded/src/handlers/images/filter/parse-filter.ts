import { Failure } from '../../../answer/failure.ts'
import { HandlerPanic } from '../../../answer/handler-panic.ts'
import type { Dialect } from '../../../dialect/dialect.ts'
import { type FilterClause, matchClause } from './match-clause.ts'

type Matcher = (image: Record<string, unknown>) => boolean

/**
 * Reads a filter such as `properties.os eq Tiny and not type eq container`.
 *
 * @throws {Failure} 500
 */
export function parseFilter(text: string, dialect: Dialect): Matcher {
  if (text.trim() === '') return () => true
  const clauses = readClauses(text.split(' ').filter((word) => word !== ''))
  return (image) => {
    let result = false
    for (const [index, clause] of clauses.entries()) {
      if (dialect.filterPanics) refusePanic(image, clause)
      const matched = matchClause(image, clause, dialect) !== clause.negated
      if (index === 0) result = matched
      else result = clause.joined === 'and' ? result && matched : result || matched
    }
    return result
  }
}

/** The daemons panic when they look for a field in a list, or in a source that is missing (T3). */
function refusePanic(image: Record<string, unknown>, { field }: FilterClause): void {
  const inList = field.startsWith('aliases.')
  if (inList || (field.startsWith('update_source.') && image.update_source === undefined)) {
    throw new HandlerPanic(`filter on ${field}`)
  }
}

function readClauses(words: readonly string[]): FilterClause[] {
  const clauses: FilterClause[] = []
  let at = 0
  let joined: 'and' | 'or' = 'and'
  for (;;) {
    const negated = words[at]?.toLowerCase() === 'not'
    if (negated) at += 1
    const field = words[at]
    const operator = words[at + 1]
    if (field === undefined) throw invalid(negated ? 'incomplete not clause' : 'unterminated compound clause')
    if (operator === undefined) throw invalid('clause has no operator')
    const { value, next } = readValue(words, at + 2)
    clauses.push({ field, operator, value, negated, joined })
    const link = words[next]?.toLowerCase()
    if (link === undefined) return clauses
    if (link !== 'and' && link !== 'or') throw invalid('invalid clause composition')
    joined = link
    at = next + 1
  }
}

/** A quote must end in another word than the one it begins in: `"container"` is unterminated, `"a b"` is not. */
function readValue(words: readonly string[], start: number): { value: string; next: number } {
  const first = words[start]
  if (first === undefined) throw invalid('clause has no value')
  if (!first.startsWith('"')) return { value: first, next: start + 1 }
  const end = words.findIndex((word, index) => index > start && word.endsWith('"'))
  if (end < 0) throw invalid('unterminated quote')
  const value = words.slice(start, end + 1).join(' ')
  return { value: value.slice(1, -1), next: end + 1 }
}

function invalid(what: string): Failure {
  return new Failure(500, `Invalid filter: ${what}`)
}
