/** The names of `incus` and `lxc` for commands that have another name here. */
const synonyms: Readonly<Record<string, string>> = {
  ls: 'list',
  rm: 'delete',
  cp: 'copy',
  'alias-ls': 'alias-list',
  'alias-rm': 'alias-delete',
  'alias-mv': 'alias-rename',
  'operation-ls': 'operation-list',
  'operation-delete': 'operation-cancel',
  'operation-rm': 'operation-cancel',
  'remote-ls': 'remote-list',
}

/** A script that the first words of a command line may name. */
export interface NamedScript {
  name: string
  /** What follows the name. */
  rest: readonly string[]
}

/**
 * The scripts that the first words of a command line may name, best first: `alias list` is `alias-list`, and so is `image
 * alias list`; `image ls` is `list`. A name of one word comes first, so that the word after it stays an argument:
 * `export manifest` exports an image of this name.
 */
export function readNames(words: readonly string[]): NamedScript[] {
  const [first, ...others] = words
  if (first === undefined) return []
  const own = namesOf(words)
  return first === 'image' && others.length > 0 ? [...namesOf(others), ...own] : own
}

function namesOf(words: readonly string[]): NamedScript[] {
  const [first = '', second] = words
  const isWord = second !== undefined && /^[a-z][a-z-]*$/.test(second)
  const two = `${first}-${second}`
  return [
    { name: synonyms[first] ?? first, rest: words.slice(1) },
    ...(isWord ? [{ name: synonyms[two] ?? two, rest: words.slice(2) }] : []),
  ]
}
