import { Failure } from '../../../answer/failure.ts'
import type { Dialect } from '../../../dialect/dialect.ts'
import { parseGoJson } from '../../../json/parse-go-json.ts'

export interface FilterClause {
  field: string
  operator: string
  value: string
  negated: boolean
  /** How the clause is joined to the previous one. */
  joined: 'and' | 'or'
}

/** Matches one clause against one image. Text values are anchored regular expressions that ignore case. */
export function matchClause(image: Record<string, unknown>, clause: FilterClause, dialect: Dialect): boolean {
  const value = fieldOf(image, clause.field)
  if (dialect.filterTypes !== 'text') return matchTyped(value, clause, dialect)
  // T26: LXD 5.0.2 compares only text; other types never match.
  const equal = typeof value === 'string' && matchText(value, clause.value)
  const operator = clause.operator.toLowerCase()
  return operator === 'ne' ? !equal : operator === 'eq' && equal
}

const dates = new Set(['created_at', 'expires_at', 'last_used_at', 'uploaded_at'])

function matchTyped(value: unknown, clause: FilterClause, dialect: Dialect): boolean {
  if (dates.has(clause.field)) throw new Failure(500, `Invalid type "struct" for field "${clause.field}"`)
  if (value === undefined) {
    // A property that the image lacks is empty; an unknown field is an error.
    if (clause.field.startsWith('properties.')) return clause.operator === 'ne'
    throw new Failure(500, `Invalid type "invalid" for field "${clause.field}"`)
  }
  if (clause.operator !== 'eq' && clause.operator !== 'ne') throw new Failure(500, 'Unsupported operation')
  return same(value, clause, dialect) === (clause.operator === 'eq')
}

function same(value: unknown, clause: FilterClause, dialect: Dialect): boolean {
  const failure = dialect.filterValueFailure
  if (typeof value === 'string') return matchText(value, clause.value)
  if (typeof value === 'boolean') return value === readBoolean(clause.value, failure)
  if (typeof value === 'number') return value === readInteger(clause.value, failure)
  if (Array.isArray(value) && dialect.filterTypes === 'scalars')
    throw new Failure(500, `Invalid type "slice" for field "${clause.field}"`)
  if (clause.field === 'aliases') throw new Failure(500, 'Invalid slice type "struct" for field "aliases"')
  if (Array.isArray(value)) return JSON.stringify(value) === JSON.stringify(readList(clause.value, failure))
  throw new Failure(500, `Invalid type "map" for field "${clause.field}"`)
}

function matchText(value: string, pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, 'is').test(value)
  } catch {
    // An invalid regular expression is compared as plain text.
    return value.toLowerCase() === pattern.toLowerCase()
  }
}

function readBoolean(text: string, failure: string): boolean {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true
  if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false
  throw new Failure(500, `${failure}strconv.ParseBool: parsing "${text}": invalid syntax`)
}

function readInteger(text: string, failure: string): number {
  if (/^[+-]?\d+$/.test(text)) return Number(text)
  throw new Failure(500, `${failure}strconv.ParseInt: parsing "${text}": invalid syntax`)
}

function readList(text: string, failure: string): unknown {
  try {
    return parseGoJson(text)
  } catch (error) {
    throw new Failure(500, `${failure}${(error as Error).message}`)
  }
}

/** Keys of properties may contain dots. */
function fieldOf(image: Record<string, unknown>, field: string): unknown {
  const [head = '', ...rest] = field.split('.')
  const value = Object.hasOwn(image, head) ? image[head] : undefined
  if (rest.length === 0) return value
  if (typeof value !== 'object' || value === null) return undefined
  const key = rest.join('.')
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined
}
