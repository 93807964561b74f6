import type { CellState, ReportedChange, ReportedServer, RunReport } from '../documents/run-report.ts'
import { reportStyle } from './report-style.ts'
import { describeWaves, headlineOf, stateSigns } from './report-words.ts'

/** A report as one page that loads nothing: a table of servers and images, and below it the changes of each server and why. */
export function renderReportHtml(report: RunReport): string {
  const { manifest, at, servers, refusals } = report
  const title = `${manifest.name}: ${headlineOf(report)}`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${protect(title)}</title>
<style>${reportStyle}</style>
</head>
<body>
<header>
<p class="owner">${protect(manifest.name)}</p>
<h1>${protect(headlineOf(report))}</h1>
<p class="facts">Manifest <code>${protect(manifest.file)}</code> · ${report.run} · <time datetime="${at}">${at.slice(0, 19).replace('T', ' ')} UTC</time></p>
</header>
<main>
${[...refusals, ...describeWaves(report)].map((text) => `<p class="refusal">${protect(text)}</p>\n`).join('')}${servers.length === 0 ? '' : matrixOf(report)}
${servers.map(sectionOf).join('')}</main>
</body>
</html>
`
}

function matrixOf({ images, servers }: RunReport): string {
  const used = new Set<CellState>()
  const rows = servers.map((server, index) => {
    const states = new Map(server.cells.map(({ image, state }) => [image, state]))
    const cells = images.map((image) => {
      const state = states.get(image)
      if (state === undefined) return '<td></td>'
      used.add(state)
      const words = `${image} on ${server.name}: ${stateSigns[state].word}`
      return `<td class="${state}" title="${protect(words)}">${signOf(state)}</td>`
    })
    const name = hasDetails(server)
      ? `<a href="#server-${index}">${protect(server.name)}</a>`
      : protect(server.name)
    return `<tr><th scope="row">${name} <small>${protect(server.kind ?? 'not read')}</small></th>${cells.join('')}</tr>`
  })
  const heads = images.map((image) => `<th scope="col"><span>${protect(image)}</span></th>`)
  const legend = [...used].map(
    (state) => `<li><b class="${state}">${signOf(state)}</b> ${stateSigns[state].word}</li>`,
  )
  return `<div class="matrix"><table>
<thead><tr><th scope="col">Server</th>${heads.join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table></div>
<ul class="legend">${legend.join('')}</ul>`
}

function sectionOf(server: ReportedServer, index: number): string {
  if (!hasDetails(server)) return ''
  const { name, kind, error, changes } = server
  const rows = changes.map(changeRow)
  return `<section id="server-${index}">
<h2>${protect(name)} <small>${protect(kind ?? 'not read')}</small></h2>
${error === null ? '' : `<p class="refusal">${protect(error)}</p>\n`}${
  rows.length === 0
    ? ''
    : `<table class="changes"><thead><tr><th></th><th>Change</th><th>Why</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table>
`
}</section>
`
}

function changeRow({ title, detail, why, state, error, warnings = [], fields }: ReportedChange): string {
  const list = fields.map(({ name, value }) => `<dt>${protect(name)}</dt><dd>${protect(value)}</dd>`)
  const more = list.length === 0 ? '' : `<dl>${list.join('')}</dl>`
  const problem = error === null ? '' : `<p class="problem">${protect(error)}</p>`
  const warned = warnings.map((text) => `<p class="warning">Warning: ${protect(text)}</p>`).join('')
  return `<tr><td class="${state}" title="${stateSigns[state].word}">${signOf(state)}</td><td>${protect(title)} <code>${protect(detail)}</code>${more}</td><td>${protect(why)}${problem}${warned}</td></tr>`
}

function signOf(state: CellState): string {
  const { sign, word } = stateSigns[state]
  return `<span aria-label="${word}">${sign}</span>`
}

function hasDetails({ changes, error }: ReportedServer): boolean {
  return changes.length > 0 || error !== null
}

function protect(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
