import { formatBytes, largest, type Paint, plain } from '@hyperkit/terminal/text'
import type { History, ImageHistory } from '../documents/history.ts'
import { shorten, showName } from './describe-change.ts'
import { renderMessage } from './render-message.ts'

/**
 * The versions of each image, newest first; `*` marks the versions that an alias names.
 *
 * @param paint marks parts of the text, for a terminal with colours; by default nothing is marked
 *
 * @example
 * ```ts
 * const manifest = await loadManifest('images.yaml')
 * console.log(renderHistory(await readHistory(manifest)))
 * ```
 */
export function renderHistory(history: History, paint: Paint = plain): string {
  const sections = history.servers.map(({ name, error, usageHidden, images }) =>
    [
      paint('heading', name),
      ...(error === undefined ? [] : [paint('error', `  ! not read: ${renderMessage(error.message)}`)]),
      ...(error === undefined && images.length === 0 ? ['  no versions'] : []),
      ...images.flatMap((image) => renderImage(image, paint)),
      ...(usageHidden === undefined || images.length === 0
        ? []
        : [paint('dim', `  which versions are in use is unknown, because this client lacks ${usageHidden}`)]),
    ].join('\n'),
  )
  return `${sections.join('\n\n')}\n`
}

function renderImage({ name, versions }: ImageHistory, paint: Paint): string[] {
  const width = largest(versions.map(({ bytes }) => formatBytes(bytes).length))
  return [
    `  ${showName(name)}`,
    ...versions.map(({ fingerprint, bytes, uploadedAt, aliases, inUse }) => {
      const time = uploadedAt === null ? 'unknown'.padEnd(20) : `${uploadedAt.slice(0, 19)}Z`
      const labels = [...aliases.map(showName), ...(inUse ? [paint('dim', '(in use)')] : [])].join(' ')
      const line = `    ${aliases.length > 0 ? '*' : ' '} ${shorten(fingerprint)}  ${time}  ${formatBytes(bytes).padStart(width)}`
      return labels === '' ? line : `${line}  ${labels}`
    }),
  ]
}
