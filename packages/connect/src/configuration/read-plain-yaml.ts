/** A value of {@link readPlainYaml}. */
export type PlainYaml = string | boolean | { [key: string]: PlainYaml }

const keyLine = /^( *)([A-Za-z][A-Za-z0-9._-]*):(?: (\S+))?$/
const plainText = /^[A-Za-z/](?:[A-Za-z0-9._,/@:-]*[A-Za-z0-9._,/@-])?$/
// Words that YAML, or the YAML parser of one of the clients, does not read as text.
const special = /^(?:null|true|false|yes|no|on|off|y|n)$/i

/**
 * Reads the YAML that clients write: maps of maps, one key on each line, with plain words as values. That small part of YAML is
 * unambiguous. Everything else, faults included, is left to the YAML parser, whose loading takes Bun half the time of a small
 * command.
 *
 * @returns undefined for anything else
 */
export function readPlainYaml(text: string): { [key: string]: PlainYaml } | undefined {
  const root: { [key: string]: PlainYaml } = {}
  const open = [{ indent: 0, map: root }]
  // The map of a key without a value; the next line has to be indented deeper.
  let expected: { [key: string]: PlainYaml } | undefined
  for (const line of text.split('\n')) {
    if (/^\s*(?:#.*)?$/.test(line)) continue
    const [, spaces, key = '', written] = keyLine.exec(line) ?? []
    if (spaces === undefined || special.test(key)) return undefined
    const indent = spaces.length
    if (expected !== undefined) {
      if (indent <= (open.at(-1)?.indent ?? 0)) return undefined
      open.push({ indent, map: expected })
      expected = undefined
    }
    while ((open.at(-1)?.indent ?? 0) > indent) open.pop()
    const here = open.at(-1)
    if (here?.indent !== indent || Object.hasOwn(here.map, key)) return undefined
    if (written === undefined) {
      expected = {}
      here.map[key] = expected
      continue
    }
    const value = readValue(written)
    if (value === undefined) return undefined
    here.map[key] = value
  }
  return expected === undefined ? root : undefined
}

function readValue(written: string): PlainYaml | undefined {
  if (written === 'true' || written === 'false') return written === 'true'
  if (written === '{}') return {}
  if (written === '""') return ''
  return plainText.test(written) && !special.test(written) ? written : undefined
}
