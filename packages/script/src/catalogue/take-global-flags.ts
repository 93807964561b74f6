import type { ArgumentFacts } from '../arguments/argument.ts'

type Flag = Pick<ArgumentFacts, 'key' | 'name' | 'short' | 'kind'>

/**
 * Splits a command line into the flags of every script before the name, and the rest.
 *
 * @param every the flags of every script
 */
export function takeGlobalFlags(
  words: readonly string[],
  every: readonly Flag[],
): { flags: string[]; rest: string[] } {
  const rest = [...words]
  const flags: string[] = []
  for (let [word] = rest; word?.startsWith('-'); [word] = rest) {
    const [name] = word.split('=')
    const known = every.find(
      (argument) =>
        argument.name === name || `-${argument.short}` === name || `--no-${argument.key}` === name,
    )
    if (known === undefined || known.key === 'help') break
    const takesNext = known.kind !== 'switch' && !word.includes('=')
    flags.push(...rest.splice(0, takesNext ? 2 : 1))
  }
  return { flags, rest }
}
