import { padToWidth, widthOf } from '@hyperkit/terminal/text'
import type { Argument } from './argument.ts'
import { type GlobalUse, globalArgumentsOf } from './global-flags.ts'

export interface HelpFacts extends GlobalUse {
  /** As the user calls it: `hyperkit list`. */
  command: string
  description: string
  details?: string | undefined
  examples?: readonly string[] | undefined
  handlesDryRun?: boolean | undefined
  /** Beyond 0, 1, 130 and 143. */
  exitCodes?: Readonly<Record<number, string>> | undefined
}

const ownDryRun = 'Show what would be done, and change nothing'

/** The output of `--help`. */
export function renderHelp(facts: HelpFacts, args: readonly Argument[]): string {
  const positionals = args.filter((argument) => argument.isPositional)
  const flags = args.filter((argument) => !argument.isPositional)
  const usage = [facts.command, ...positionals.map(showPositional), '[flags]'].join(' ')
  const more = Object.entries(facts.exitCodes ?? {}).map(([code, meaning]) => `${code} ${meaning}`)
  const sections = [
    facts.description,
    `Usage: ${usage}`,
    ...(facts.details === undefined ? [] : [facts.details.trim()]),
    ...section(
      'Arguments',
      positionals.map((one) => [showPositional(one), describe(one)]),
    ),
    ...section(
      'Flags',
      flags.map((one) => [showFlag(one), describe(one)]),
    ),
    ...section(
      'Flags of every command',
      globalArgumentsOf(facts)
        .filter(({ key }) => !Object.hasOwn(facts.refuses ?? {}, key))
        .map((one) => [
          showFlag(one),
          one.key === 'dryRun' && facts.handlesDryRun ? ownDryRun : describe(one),
        ]),
    ),
    ...(facts.examples === undefined || facts.examples.length === 0
      ? []
      : [`Examples:\n${facts.examples.map((example) => `  ${example}`).join('\n')}`]),
    `Exit codes: ${['0 done', '1 error', ...more].join(', ')}, 130 and 143 after SIGINT and SIGTERM. The result goes to stdout, everything else to stderr.`,
  ]
  return `${sections.join('\n\n')}\n`
}

function section(title: string, rows: readonly (readonly [string, string])[]): string[] {
  if (rows.length === 0) return []
  const width = Math.min(34, Math.max(...rows.map(([name]) => widthOf(name))))
  const lines = rows.map(([name, text]) => {
    const gap = widthOf(name) > width ? `\n${' '.repeat(width + 4)}` : '  '
    return `  ${padToWidth(name, width)}${gap}${text}`.trimEnd()
  })
  return [`${title}:\n${lines.join('\n')}`]
}

/** `[remote:]<image>...`; a value that has brackets is shown unchanged. */
function showPositional({ value, isMany, isRequired, completes }: Argument): string {
  if (/[[\]<>]/.test(value)) return value
  const onServer =
    completes === 'image' || completes === 'alias' || completes === 'instance' || completes === 'operation'
  const shown = `${onServer ? '[remote:]' : ''}<${value}>${isMany ? '...' : ''}`
  return isRequired ? shown : `[${shown}]`
}

function showFlag({ name, short, kind, value, isMany, default: preset }: Argument): string {
  const long = kind === 'switch' && preset === true ? `--no-${name.slice(2)}` : name
  const shown = `${short === undefined ? '    ' : `-${short}, `}${long}`
  return kind === 'switch' ? shown : `${shown} <${value}>${isMany ? '...' : ''}`
}

function describe({ description, choices, default: preset, kind, isMany, isPositional }: Argument): string {
  const facts = [
    ...(choices.length === 0 ? [] : [choices.join(', ')]),
    ...(kind !== 'switch' && isMany && !isPositional ? ['repeatable'] : []),
    ...(preset === undefined || kind === 'switch' || isEmpty(preset) ? [] : [`default: ${String(preset)}`]),
  ]
  return `${description}${facts.length === 0 ? '' : ` (${facts.join('; ')})`}`
}

function isEmpty(preset: unknown): boolean {
  return preset === '' || (typeof preset === 'object' && preset !== null && Object.keys(preset).length === 0)
}
