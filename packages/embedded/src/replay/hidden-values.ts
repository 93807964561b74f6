import { hiddenText } from '@hyperkit/core/parts'

/**
 * The values of the secrets that a recording hides. A hidden place in a recorded request matches any value;
 * from then on the placeholder stands for that value, in requests and in answers.
 */
export type HiddenValues = ReadonlyMap<string, string>

const places = new RegExp(hiddenText.pattern, 'g')

/** Compares a text with the recorded one; returns the values including new ones, or undefined if the texts differ. */
export function matchText(recorded: string, actual: string, values: HiddenValues): HiddenValues | undefined {
  if (recorded === actual) return values
  const names = recorded.match(places) ?? []
  if (names.length === 0) return undefined
  const literal = recorded.split(places).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const found = new RegExp(`^${literal.join('([\\s\\S]+?)')}$`).exec(actual)
  if (found === null) return undefined
  const grown = new Map(values)
  for (const [index, name] of names.entries()) {
    const value = found[index + 1] ?? ''
    if ((grown.get(name) ?? value) !== value) return undefined
    grown.set(name, value)
  }
  return grown
}

/** Fills in the known values; unknown placeholders stay as recorded. */
export function fillIn(recorded: string, values: HiddenValues): string {
  return recorded.replace(places, (name) => values.get(name) ?? name)
}

/** The same, for each text in a JSON value. */
export function fillInJson(recorded: unknown, values: HiddenValues): unknown {
  if (typeof recorded === 'string') return fillIn(recorded, values)
  if (Array.isArray(recorded)) return recorded.map((child) => fillInJson(child, values))
  if (recorded === null || typeof recorded !== 'object') return recorded
  return Object.fromEntries(Object.entries(recorded).map(([key, child]) => [key, fillInJson(child, values)]))
}
