import type { CellState, ReportedChange, ReportedServer, RunReport } from '../documents/run-report.ts'
import { describeWaves, headlineOf, stateSigns } from './report-words.ts'

/** A report as Markdown, for merge requests and wikis. */
export function renderReportMarkdown(report: RunReport): string {
  const waves = describeWaves(report).map((text) => `- ${protect(text)}`)
  const sections = [
    `# ${protect(report.manifest.name)}: images of ${report.servers.length === 1 ? 'one server' : `${report.servers.length} servers`}`,
    `**${protect(headlineOf(report))}** Manifest ${protect(report.manifest.file)}, ${report.at}.`,
    ...(report.refusals.length === 0 ? [] : [report.refusals.map((text) => `- ${protect(text)}`).join('\n')]),
    ...(waves.length === 0 ? [] : [waves.join('\n')]),
    ...(report.servers.length === 0 ? [] : [matrixOf(report)]),
    ...report.servers
      .filter(({ changes, error }) => changes.length > 0 || error !== null)
      .map((server) => sectionOf(server)),
  ]
  return `${sections.join('\n\n')}\n`
}

function matrixOf({ images, servers }: RunReport): string {
  const used = new Set<CellState>()
  const rows = servers.map(({ name, kind, cells }) => {
    const signs = images.map((image) => {
      const state = cells.find((cell) => cell.image === image)?.state
      if (state === undefined) return ''
      used.add(state)
      return stateSigns[state].sign
    })
    return row([`**${protect(name)}**${kind === null ? '' : ` ${protect(kind)}`}`, ...signs])
  })
  const legend = [...used].map((state) => `\`${stateSigns[state].sign}\` ${stateSigns[state].word}`)
  const head = [row(['', ...images.map(protect)]), row(['---', ...images.map(() => ':-:')])]
  return `${[...head, ...rows].join('\n')}\n\n${legend.join(' · ')}`
}

function sectionOf({ name, error, changes }: ReportedServer): string {
  const lines = [`## ${protect(name)}`, ...(error === null ? [] : [protect(error)])]
  if (changes.length > 0)
    lines.push([row(['', 'Change', 'Why']), row([':-:', '---', '---']), ...changes.map(changeRow)].join('\n'))
  return lines.join('\n\n')
}

function changeRow({ title, detail, why, state, error, warnings = [], fields }: ReportedChange): string {
  const more = fields.map(({ name, value }) => `<br>${protect(name)}: ${protect(value)}`).join('')
  const reasons = [
    protect(why),
    ...(error === null ? [] : [`**${protect(error)}**`]),
    ...warnings.map((text) => `Warning: ${protect(text)}`),
  ]
  return row([stateSigns[state].sign, `${protect(title)} ${protect(detail)}${more}`, reasons.join('<br>')])
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

/** Escapes text for a table of Markdown. */
function protect(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*_[\]|#~]/g, '\\$&')
    .replaceAll(/[\r\n]+/g, ' ')
}
