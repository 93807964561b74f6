import { Failure } from '../../../answer/failure.ts'
import { HandlerPanic } from '../../../answer/handler-panic.ts'
import { matchClause } from './match-clause.ts'

export interface FilterClause {
  field: string
  operator: string
  value: string
  negated: boolean
  /** How it follows the one before. */
  joined: 'and' | 'or'
}

type Matcher = (image: Record<string, unknown>) => boolean

/**
 * Reads a filter such as `properties.os eq Tiny and not type eq container`.
 *
 * @param typed booleans and numbers match, unknown fields are an error (Incus)
 * @throws {Failure} 500
 */
export function parseFilter(text: string, typed: boolean): Matcher {
  if (text.trim() === '') return () => true
  const clauses = readClauses(splitWords(text))
  return (image) => {
    let result = false
    for (const [index, clause] of clauses.entries()) {
      // The daemons panic here: `aliases` is a list, and they look for a field in it (T3).
      if (clause.field.startsWith('aliases.')) throw new HandlerPanic('filter on a list')
      const matched = matchClause(image, clause, typed) !== clause.negated
      if (index === 0) result = matched
      else result = clause.joined === 'and' ? result && matched : result || matched
    }
    return result
  }
}

function splitWords(text: string): string[] {
  const words: string[] = []
  for (const match of text.matchAll(/"([^"]*)"|(\S+)/g)) words.push(match[1] ?? match[2] ?? '')
  return words
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
    const value = words[at + 2]
    if (field === undefined)
      throw invalid(clauses.length > 0 ? 'unterminated compound clause' : 'clause has no field')
    if (operator === undefined) throw invalid('clause has no operator')
    if (value === undefined) throw invalid('clause has no value')
    clauses.push({ field, operator: operator.toLowerCase(), value, negated, joined })
    at += 3
    const link = words[at]?.toLowerCase()
    if (link === undefined) return clauses
    if (link !== 'and' && link !== 'or') throw invalid('invalid clause composition')
    joined = link
    at += 1
  }
}

function invalid(what: string): Failure {
  return new Failure(500, `Invalid filter: ${what}`)
}
