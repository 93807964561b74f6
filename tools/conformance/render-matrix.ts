import { type Cell, cellKey, type Matrix } from './matrix.ts'

const signs = { passed: '✓', failed: '✗', skipped: '–' }

/** A table for each topic: a row for each case, a column for each server, and in each cell a sign for each runtime. */
export function renderMatrix(matrix: Matrix): string {
  const topics = [...new Set(matrix.rows.map(({ topic }) => topic))]
  return [...topics.map((topic) => renderTopic(matrix, topic)), ...renderReasons(matrix)].join('\n\n')
}

function renderTopic({ runtimes, servers, rows }: Matrix, topic: string): string {
  const lines = rows
    .filter((row) => row.topic === topic)
    .map(({ name, cells }) => {
      const columns = servers.map((server) =>
        runtimes.map((runtime) => sign(cells.get(cellKey(server, runtime)))).join(''),
      )
      return `| ${escapeCell(name)} | ${columns.join(' | ')} |`
    })
  return [
    `## ${topic[0]?.toUpperCase()}${topic.slice(1)}`,
    '',
    `| | ${servers.join(' | ')} |`,
    `| --- | ${servers.map(() => ':-:').join(' | ')} |`,
    ...lines,
  ].join('\n')
}

/** One line for each reason of a skip, with the number of skipped cases on each server. */
function renderReasons({ servers, runtimes, rows }: Matrix): string[] {
  const costs = new Map<string, Map<string, Set<string>>>()
  for (const { topic, name, cells } of rows) {
    for (const server of servers) {
      for (const runtime of runtimes) {
        const cell = cells.get(cellKey(server, runtime))
        if (cell?.verdict !== 'skipped') continue
        const reason = cell.reason ?? 'no reason was given'
        const byServer = costs.get(reason) ?? new Map<string, Set<string>>()
        costs.set(reason, byServer)
        byServer.set(server, (byServer.get(server) ?? new Set()).add(`${topic}/${name}`))
      }
    }
  }
  if (costs.size === 0) return []
  const lines = [...costs].map(([reason, byServer]) => {
    const where = [...byServer].map(([server, cases]) => `${server} (${countCases(cases.size)})`)
    return `- ${where.join(', ')}: ${reason}`
  })
  return [`## Skipped\n\n${lines.join('\n')}`]
}

const countCases = (count: number): string => (count === 1 ? '1 case' : `${count} cases`)
const sign = (cell: Cell | undefined): string => (cell ? signs[cell.verdict] : '·')
const escapeCell = (text: string): string => text.replace(/[|\\<>]/g, (character) => `\\${character}`)
