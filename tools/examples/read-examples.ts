import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

export interface Example {
  /** `packages/core/src/client.ts:41` */
  place: string
  code: string
}

/**
 * Reads the TypeScript examples of a document: fenced blocks marked `ts`, in Markdown and in doc comments. Each must run by itself;
 * imports are added to those in doc comments.
 */
export function readExamples(root: string, file: string): Example[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  const inComment = file.endsWith('.ts')
  const examples: Example[] = []
  let block: { line: number; code: string[] } | undefined
  for (const [index, raw] of lines.entries()) {
    const line = inComment ? raw.replace(/^\s*\* ?/, '') : raw
    if (inComment && !/^\s*\*/.test(raw)) block = undefined
    else if (block === undefined && line.trim() === '```ts') block = { line: index + 1, code: [] }
    else if (block !== undefined && line.trim() === '```') {
      examples.push({ place: `${relative(root, file)}:${block.line}`, code: block.code.join('\n') })
      block = undefined
    } else block?.code.push(line)
  }
  return examples
}

/** The arguments of the program, if its first line shows how to run it: `// bun run show.ts ubuntu/noble`. */
export function readWords(code: string): string[] {
  return /^\/\/ bun run \S+\.ts (.+)$/m.exec(code)?.[1]?.split(' ') ?? []
}

/** Adds what doc comments leave out: imports, a client and texts. */
export function withImports(
  code: string,
  exportsOf: ReadonlyMap<string, readonly string[]>,
  given: Readonly<Record<string, string>>,
): string {
  if (/^import /m.test(code)) return code
  const isFree = (word: string): boolean =>
    new RegExp(`\\b${word}\\b`).test(code) &&
    !new RegExp(`\\b(const|let) (${word}\\b|\\{[^}]*\\b${word}\\b)`).test(code)
  const texts = Object.entries(given).filter(([name]) => isFree(name))
  const prelude = texts.map(([name, text]) => `const ${name} = ${JSON.stringify(text)}\n`).join('')
  const whole = `${prelude}${isFree('client') ? 'const client = await connect()\n' : ''}${code}`
  const imports = [...exportsOf].flatMap(([name, exported]) => {
    const used = exported.filter((word) => new RegExp(`(\\b${word}\\(|instanceof ${word}\\b)`).test(whole))
    return used.length === 0 ? [] : [`import { ${used.join(', ')} } from '${name}'`]
  })
  const valibot = /\bv\.\w+\(/.test(whole) ? ["import * as v from 'valibot'"] : []
  return `${[...imports, ...valibot].join('\n')}\n${whole}\nexport {}\n`
}
