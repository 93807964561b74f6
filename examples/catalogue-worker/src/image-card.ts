import { type CatalogueImage, searchTextOf, titleOf } from './catalogue-image.ts'
import { type Html, html } from './html.ts'

const icons = {
  download: html`<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M12 4v11m0 0 4.5-4.5M12 15l-4.5-4.5M5 20h14"/></svg>`,
  container: html`<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linejoin="round" aria-hidden="true"><path d="M12 3 20 7.2v9.6L12 21l-8-4.2V7.2zM4 7.2l8 4.3 8-4.3M12 11.5V21"/></svg>`,
  'virtual-machine': html`<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linejoin="round" aria-hidden="true"><rect x="3" y="4" width="18" height="12" rx="1.5"/><path d="M8 20h8M12 16v4"/></svg>`,
}

export interface CardOptions {
  /** URL of the catalogue, for commands that visitors copy. */
  origin: string
  /** The command that imports an image. */
  command: 'incus' | 'lxc'
  /** Whether all details are shown at once. */
  open?: boolean
  /** Whether the current search hides it; the page's script may show it again. */
  hidden?: boolean
}

/** One image: its names, its properties, and how to download it. */
export function renderCard(
  image: CatalogueImage,
  { origin, command, open = false, hidden = false }: CardOptions,
): Html {
  const path = `/images/${image.fingerprint}`
  const title = titleOf(image)
  const { description } = image.properties
  const chips = image.aliases.slice(1).map(({ name }) => html`<span class="chip">${name}</span>`)
  return html`<li class="image"${hidden && html` hidden`} data-search="${searchTextOf(image)}" data-arch="${image.architecture}" data-type="${image.type}">
<span class="icon" title="${typeName(image)}">${icons[image.type]}</span>
<div>
<h2><a href="${path}">${title}</a></h2>
${description !== undefined && description !== title && html`<p class="soft">${description}</p>`}
<div class="facts"><span>${typeName(image)}</span><span>${image.architecture}</span><span>${sizeText(image.size)}</span>${dateText(image.uploadedAt)}<code>${image.fingerprint.slice(0, 12)}</code></div>
${chips.length > 0 && html`<div class="chips">${chips}</div>`}
</div>
<a class="button get" href="${path}/download" aria-label="Download ${title}">${icons.download}Download</a>
<details${open && html` open`}>${renderDetails(image, commands(image, origin, command))}</details>
</li>`
}

function renderDetails(image: CatalogueImage, lines: string[]): Html {
  const path = `/images/${image.fingerprint}`
  return html`<summary>Details and commands</summary>
<dl>
<dt>Fingerprint</dt><dd class="mono">${image.fingerprint}</dd>
${image.aliases.map(({ name, description }) => html`<dt>Alias</dt><dd>${name}${description !== '' && html` <span class="soft">${description}</span>`}</dd>`)}
${Object.entries(image.properties)
  .toSorted()
  .map(([key, value]) => html`<dt>${key}</dt><dd>${value}</dd>`)}
${image.expiresAt && html`<dt>Expires</dt><dd>${image.expiresAt.slice(0, 10)}</dd>`}
</dl>
<pre><code>${lines.map(
    (line) => html`${line}
`,
  )}</code></pre>
<div class="row"><button type="button" data-does="copy">Copy commands</button><button type="button" data-does="verify" data-url="${path}/verify">Verify on the server</button><a class="button" href="${path}.json">JSON</a><output></output></div>`
}

function commands({ fingerprint, aliases }: CatalogueImage, origin: string, command: string): string[] {
  // Only a name without characters that are special in a shell.
  const alias = aliases.find(({ name }) => /^[\w./:+][\w./:+-]*$/.test(name))?.name
  return [
    `curl -fLo image ${origin}/images/${fingerprint}/download`,
    `echo "${fingerprint}  image" | sha256sum -c`,
    `${command} image import image${alias === undefined ? '' : ` --alias ${alias}`}`,
  ]
}

function typeName({ type }: CatalogueImage): string {
  return type === 'container' ? 'Container' : 'Virtual machine'
}

export function sizeText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`
}

function dateText(time: string | undefined): Html | undefined {
  if (time === undefined) return undefined
  const text = new Date(time).toLocaleDateString('en-GB', { dateStyle: 'medium', timeZone: 'UTC' })
  return html`<time datetime="${time}">${text}</time>`
}
