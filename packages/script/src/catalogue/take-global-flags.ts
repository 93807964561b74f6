import { globalArguments } from '../arguments/global-flags.ts'

/** Parts the flags of every script, which may stand before its name too, from what follows them. */
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
