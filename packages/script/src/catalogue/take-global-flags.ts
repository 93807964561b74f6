import { globalArguments } from '../arguments/global-flags.ts'

/** Splits a command line into the flags of every script before the name, and the rest. */
export function takeGlobalFlags(words: readonly string[]): { flags: string[]; rest: string[] } {
  const rest = [...words]
  const flags: string[] = []
  for (let [word] = rest; word?.startsWith('-'); [word] = rest) {
    const [name] = word.split('=')
    const known = globalArguments.find(
      (argument) =>
        argument.name === name || `-${argument.short}` === name || `--no-${argument.key}` === name,
    )
    if (known === undefined || known.key === 'help') break
    const takesNext = known.kind !== 'switch' && !word.includes('=')
    flags.push(...rest.splice(0, takesNext ? 2 : 1))
  }
  return { flags, rest }
}
