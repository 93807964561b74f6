import { answerJson } from './answer.ts'
import { type CatalogueImage, titleOf } from './catalogue-image.ts'
import { type Html, html } from './html.ts'
import { renderCard, sizeText } from './image-card.ts'
import { listImages, searchImages } from './list-images.ts'
import { answerWith } from './page.ts'
import { commandOf, type Settings } from './settings.ts'

/** Images on one page; if there are more, the worker searches instead of the page. */
const pageSize = 200

/** `/`, with `?q=`, `?arch=`, `?type=` and `?page=`. */
export async function answerCatalogue(settings: Settings, request: Request): Promise<Response> {
  const { origin, searchParams } = new URL(request.url)
  const { images, asOf, stale } = await listImages(settings)
  const command = await commandOf(settings)
  const complete = images.length <= pageSize
  const wanted = {
    q: searchParams.get('q') ?? '',
    arch: searchParams.get('arch') ?? '',
    type: searchParams.get('type') ?? '',
  }
  // If all images fit on one page, its script searches, so all are sent; without JavaScript it shows the matches.
  const found = searchImages(images, wanted.q).filter(
    ({ architecture, type }) =>
      (!wanted.arch || architecture === wanted.arch) && (!wanted.type || type === wanted.type),
  )
  const ids = new Set(found.map(({ fingerprint }) => fingerprint))
  const pages = Math.max(1, Math.ceil(found.length / pageSize))
  const page = Math.min(pages, Math.max(1, Math.trunc(Number(searchParams.get('page'))) || 1))
  const shown = complete ? images : found.slice((page - 1) * pageSize, page * pageSize)
  const total = `${count(images.length)}, ${sizeText(images.reduce((sum, { size }) => sum + size, 0))} in all`
  const content = html`<header><h1><a href="/">${settings.title}</a></h1>
<p class="soft">System images, ready to download. Each is identified by the SHA-256 of its content.</p></header>
<main>
${stale && html`<p class="note">The image server does not answer at the moment. This is the catalogue as of ${minute(asOf)}.</p>`}
${renderForm(images, wanted, complete)}
<p id="count" class="soft" role="status" data-all="${total}">${found.length === images.length ? total : `${found.length} of ${count(images.length)}`}</p>
${images.length === 0 && html`<p class="empty soft">There are no public images on this server yet.</p>`}
<ul class="images">${shown.map((image) => renderCard(image, { origin, command, hidden: complete && !ids.has(image.fingerprint) }))}</ul>
<p id="none" class="empty soft"${(found.length > 0 || images.length === 0) && html` hidden`}>No image matches. <a href="/">Show all</a></p>
${pages > 1 && renderPages(searchParams, page, pages)}
</main>
<footer>As of ${minute(asOf)} · <a href="/images.json">JSON</a></footer>`
  return answerWith(settings.title, content, {
    headers: { 'cache-control': `public, max-age=${settings.maxAge}` },
  })
}

/** `/images/<fingerprint>`: a page for browsers, JSON for other clients. */
export async function answerImage(
  settings: Settings,
  image: CatalogueImage,
  request: Request,
  asJson: boolean,
): Promise<Response> {
  const headers = { 'cache-control': `public, max-age=${settings.maxAge}`, vary: 'Accept' }
  if (asJson || !wantsPage(request)) return answerJson(image, { headers })
  const { origin } = new URL(request.url)
  const title = titleOf(image)
  const content = html`<header><h1><a href="/">${settings.title}</a></h1><p><a href="/">← All images</a></p></header>
<main><ul class="images">${renderCard(image, { origin, command: await commandOf(settings), open: true })}</ul></main>
<footer>Identified by the SHA-256 of its content</footer>`
  return answerWith(`${title} · ${settings.title}`, content, { headers })
}

/** The answer to a request for one file of a split image: it has two files, which are imported together. */
export async function answerTwoFiles(
  settings: Settings,
  image: CatalogueImage,
  request: Request,
): Promise<Response> {
  const headers = { 'cache-control': 'no-store', vary: 'Accept' }
  const path = `/images/${image.fingerprint}`
  if (!wantsPage(request)) {
    const files = [`${path}/metadata`, `${path}/rootfs`]
    return answerJson({ error: 'This image consists of two files', files }, { status: 409, headers })
  }
  const title = titleOf(image)
  const content = html`<header><h1><a href="/">${settings.title}</a></h1><p><a href="${path}">← ${title}</a></p></header>
<main><div class="empty"><p>This image consists of two files. Download both, and import them together with <code>${await commandOf(settings)} image import metadata rootfs</code>.</p>
<p class="row middle"><a class="button get" href="${path}/metadata">Metadata</a><a class="button get" href="${path}/rootfs">Root file system</a></p></div></main>`
  return answerWith(`${title} · ${settings.title}`, content, { status: 409, headers })
}

const troubles: Record<404 | 502, string> = {
  404: 'There is no public image or page at this address',
  502: 'The image server does not answer; try again later',
}

export async function answerTrouble(
  request: Request,
  settings: Settings | undefined,
  status: 404 | 502,
): Promise<Response> {
  const headers = {
    'cache-control': 'no-store',
    vary: 'Accept',
    ...(status === 502 ? { 'retry-after': '30' } : {}),
  }
  if (!wantsPage(request)) return answerJson({ error: troubles[status] }, { status, headers })
  const title = settings?.title ?? 'Image catalogue'
  const content = html`<header><h1><a href="/">${title}</a></h1></header>
<main><p class="empty">${troubles[status]}. <a href="/">All images</a></p></main>`
  return answerWith(title, content, { status, headers })
}

function renderForm(
  images: CatalogueImage[],
  wanted: Record<'q' | 'arch' | 'type', string>,
  complete: boolean,
): Html {
  const option = (value: string, label: string, chosen: string): Html =>
    html`<option value="${value}"${value === chosen && html` selected`}>${label}</option>`
  const architectures = [...new Set(images.map(({ architecture }) => architecture))].filter(Boolean).sort()
  const controls = html`<input type="search" name="q" value="${wanted.q}" placeholder="Search names, systems, fingerprints" aria-label="Search images" autocomplete="off" spellcheck="false">
<select name="arch" aria-label="Architecture">${option('', 'Architecture', wanted.arch)}${architectures.map((one) => option(one, one, wanted.arch))}</select>
<select name="type" aria-label="Type">${option('', 'Type', wanted.type)}${option('container', 'Containers', wanted.type)}${option('virtual-machine', 'Virtual machines', wanted.type)}</select>
<button class="main">Search</button>`
  return html`<form role="search"${complete && html` data-complete`}>${controls}</form>`
}

function renderPages(query: URLSearchParams, page: number, pages: number): Html {
  const link = (to: number, label: string): Html | string => {
    const target = new URLSearchParams(query)
    target.set('page', String(to))
    return to < 1 || to > pages ? '' : html`<a href="?${target.toString()}">${label}</a>`
  }
  return html`<nav aria-label="Pages"><span>${link(page - 1, '← Newer')}</span><span class="soft">Page ${page} of ${pages}</span><span>${link(page + 1, 'Older →')}</span></nav>`
}

function wantsPage(request: Request): boolean {
  return request.headers.get('accept')?.includes('text/html') ?? false
}

function count(images: number): string {
  return images === 1 ? '1 image' : `${images} images`
}

function minute(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`
}
