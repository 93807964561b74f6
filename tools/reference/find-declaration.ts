/**
 * Finds the declaration of a name in a file that `tsc` has emitted, without its comment, followed by the declarations that it uses
 * and that the file does not export.
 */
export function findDeclaration(declarations: string, name: string): string {
  const all = new Map(splitDeclarations(declarations).map((one) => [one.name, one]))
  const found = all.get(name)
  if (found === undefined) throw new Error(`Cannot find the declaration of "${name}"`)
  const shown = new Set([name])
  const texts = [found.text]
  for (let index = 0; index < texts.length; index++) {
    for (const [other, { text, exported }] of all) {
      // The schema behind an inferred type would be too long; the JSON Schemas show its content.
      if (/^const \w+: v\./.test(text)) continue
      if (exported || shown.has(other) || !new RegExp(`\\b${other}\\b`).test(texts[index] ?? '')) continue
      shown.add(other)
      texts.push(text)
    }
  }
  return texts.join('\n')
}

interface Declaration {
  name: string
  text: string
  exported: boolean
}

/** Each declaration begins at the start of a line, and ends with the first unindented line that closes it. */
function splitDeclarations(text: string): Declaration[] {
  const found: Declaration[] = []
  const lines = text.split('\n')
  for (let index = 0; index < lines.length; index++) {
    const head =
      /^(export )?(?:declare )?(?:abstract )?(?:interface|type|function|class|const) ([\w$]+)/.exec(
        lines[index] ?? '',
      )
    if (head === null) continue
    let end = index
    while (end < lines.length - 1 && !closes(lines[end] ?? '')) end++
    const block = lines.slice(index, end + 1).join('\n')
    found.push({
      name: head[2] ?? '',
      text: block.replace(/^export /, '').replace(/^declare /, ''),
      exported: head[1] !== undefined,
    })
    index = end
  }
  return found
}

function closes(line: string): boolean {
  return /^\S/.test(line) && (line.endsWith(';') || line.endsWith('}'))
}
