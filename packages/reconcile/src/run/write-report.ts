import { HyperkitError } from '@hyperkit/core'
import { hideSecrets as hideInUrls } from '@hyperkit/core/parts'
import { checkPlace, replaceFile } from '@hyperkit/files/parts'
import type { ApplyReport } from '../documents/apply-report.ts'
import type { Plan } from '../documents/plan.ts'
import type { RunReport } from '../documents/run-report.ts'
import { publicUrl } from '../identity/public-url.ts'
import type { Manifest } from '../manifest/manifest.ts'
import { buildReport, type LeftChanges } from '../render/build-report.ts'
import { renderReportHtml } from '../render/render-report-html.ts'
import { renderReportMarkdown } from '../render/render-report-markdown.ts'
import { hideSecrets } from './hide-secrets.ts'
import type { PreparedPlan } from './preparing.ts'

const formats: Readonly<Record<string, (report: RunReport) => string>> = {
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  md: renderReportMarkdown,
  html: renderReportHtml,
}

const action = 'write report'

/**
 * Checks before a run that its reports can be written after it.
 *
 * @throws {HyperkitError} `invalid-argument`, `file-unwritable`
 */
export async function checkReportPaths(paths: readonly string[] = []): Promise<void> {
  for (const path of paths) await checkReportPath(path)
}

async function checkReportPath(path: string): Promise<void> {
  if (formatOf(path) === undefined)
    throw new HyperkitError(
      'invalid-argument',
      `Cannot write report "${path}": its name must end in .json, .md or .html, to choose the format`,
    )
  await checkPlace(path, action)
}

/**
 * Writes the report of a run to files, each in the format of its file extension, whole or not at all.
 *
 * @throws {HyperkitError} `file-unwritable`
 */
export async function writeReports(
  paths: readonly string[] = [],
  prepared: PreparedPlan,
  outcome?: ApplyReport,
): Promise<void> {
  if (paths.length === 0) return
  // Secrets are hidden before the report is escaped for HTML, which would change how they look.
  const report = describeRun(prepared, outcome)
  const mode = mayHoldSecrets(prepared.manifest) ? 0o600 : undefined
  for (const path of paths) await replaceFile(path, formatOf(path)?.(report) ?? '', { action, mode })
}

/** Whether errors in a report may quote a secret in a form that is not found. Then only this user may read the file. */
function mayHoldSecrets({ secrets = [], images, servers }: Manifest): boolean {
  const hasSigned = images.some(
    (image) =>
      'source' in image && image.source.kind === 'url' && publicUrl(image.source.url) !== image.source.url,
  )
  const hasToken = servers.some(({ reach }) => reach.kind === 'url' && reach.token !== undefined)
  return secrets.length > 0 || hasSigned || hasToken
}

/**
 * The report of a run, without secrets.
 *
 * @param left what is left to a later pass, by server
 */
export function describeRun(
  {
    desired,
    plan,
    refusals,
    manifest,
  }: Pick<PreparedPlan, 'desired' | 'plan' | 'refusals'> & { manifest: Manifest },
  outcome?: ApplyReport,
  left?: ReadonlyMap<string, LeftChanges>,
): RunReport {
  const messages = refusals.map(({ message }) => message)
  const images = manifest.images.map(({ name }) => name)
  const report = buildReport({ at: new Date(), images, desired, plan, outcome, left, refusals: messages })
  // In URLs of sources, proxies and redirects too, which come from error texts of other programs.
  const hideInText = (_: string, value: unknown): unknown =>
    typeof value === 'string' ? hideInUrls(value) : value
  return JSON.parse(hideSecrets(JSON.stringify(report, hideInText), manifest.secrets)) as RunReport
}

/** The report of a run without a plan. */
export function describeNothing(manifest: Manifest, why?: string): RunReport {
  const { file, name } = manifest
  const plan: Plan = { format: 'hyperkit-plan', version: 1, manifest: { file, name }, servers: [] }
  const refusals = why === undefined ? [] : [{ server: '', message: why }]
  return describeRun({ desired: { manifest: { file, name }, servers: [] }, plan, refusals, manifest })
}

function formatOf(path: string): ((report: RunReport) => string) | undefined {
  const extension = /\.(json|md|html)$/i.exec(path)?.[1]?.toLowerCase()
  return extension === undefined ? undefined : formats[extension]
}
