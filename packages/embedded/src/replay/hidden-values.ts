import { hiddenText } from '@hyperkit/core/parts'

/**
 * What stands for the secrets that a recording hides. In a recorded request, such a place takes whatever is sent there;
 * from then on the same place holds that value, in requests and in answers.
 */
export type HiddenValues = ReadonlyMap<string, string>

const places = new RegExp(hiddenText.pattern, 'g')

/** Whether a text is the recorded one; gives the values with those that were new, or undefined. */
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

/** Puts values where they are known; elsewhere the recorded places stay, and do as well. */
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
