import { type HiddenValues, matchText } from './hidden-values.ts'

export type JsonMatch = { values: HiddenValues } | { difference: string }

/** Compares a JSON value with the recorded one; returns the first difference if they differ. */
export function matchJson(recorded: unknown, actual: unknown, values: HiddenValues, place = ''): JsonMatch {
  const differs = (): JsonMatch => ({
    difference: `at "${place || '.'}" was ${show(recorded)} in the recording, and is ${show(actual)} now`,
  })
  if (typeof recorded === 'string' && typeof actual === 'string') {
    const grown = matchText(recorded, actual, values)
    return grown === undefined ? differs() : { values: grown }
  }
  if (!isObject(recorded) || !isObject(actual)) return recorded === actual ? { values } : differs()
  if (Array.isArray(recorded) !== Array.isArray(actual)) return differs()
  let known = values
  for (const key of new Set([...Object.keys(recorded), ...Object.keys(actual)])) {
    const below = place === '' ? key : `${place}.${key}`
    const result = matchJson(recorded[key], actual[key], known, below)
    if ('difference' in result) return result
    known = result.values
  }
  return { values: known }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object'
}

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}
