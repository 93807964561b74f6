import { isHyperkitError } from '@hyperkit/core'
import { answerBytes, answerJson, redirectTo, withEtag } from './answer.ts'
import { downloadImage } from './download-image.ts'
import type { Context } from './edge-cache.ts'
import { expandFingerprint, findImage, resolveAlias } from './find-image.ts'
import type { ImageFile } from './image-file.ts'
import { listImages } from './list-images.ts'
import { answerCatalogue, answerImage, answerTrouble } from './pages.ts'
import { type Bindings, readSettings, type Settings, SettingsError } from './settings.ts'
import { verifyImage } from './verify-image.ts'

/** A read-only catalogue of the public images of one Incus or LXD server. */
export default {
  async fetch(request: Request, bindings: Bindings, context: Context): Promise<Response> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return answerJson(
        { error: 'This catalogue is read-only' },
        { status: 405, headers: { allow: 'GET, HEAD' } },
      )
    }
    const response = await route(request, bindings, context).catch((error: unknown) =>
      explain(request, error),
    )
    if (request.method === 'GET' || response.body === null) return response
    await response.body.cancel()
    return new Response(null, response)
  },
}

async function route(request: Request, bindings: Bindings, context: Context): Promise<Response> {
  const settings = readSettings(bindings)
  const { pathname } = new URL(request.url)
  if (pathname === '/') return withEtag(request, await answerCatalogue(settings, request))
  if (pathname === '/images.json') return withEtag(request, await answerListing(settings))
  if (pathname === '/robots.txt')
    return answerBytes('User-agent: *\nDisallow: /images/\n', 'text/plain; charset=utf-8')
  const [, fingerprint, rest = ''] = /^\/images\/([0-9a-f]{12,64})(\.json|\/\w+)?$/.exec(pathname) ?? []
  if (fingerprint !== undefined) return routeImage(settings, request, context, { fingerprint, rest })
  const [, place, name] = /^\/(aliases|download)\/(.+)$/.exec(pathname) ?? []
  if (name !== undefined) {
    const found = await resolveAlias(settings, decode(name))
    const path = `/images/${found}${place === 'download' ? '/download' : ''}`
    return found === undefined ? answerTrouble(request, settings, 404) : redirectTo(path, settings.maxAge)
  }
  return answerTrouble(request, settings, 404)
}

async function routeImage(
  settings: Settings,
  request: Request,
  context: Context,
  { fingerprint, rest }: { fingerprint: string; rest: string },
): Promise<Response> {
  if (fingerprint.length < 64) {
    const whole = await expandFingerprint(settings, fingerprint)
    return whole === undefined
      ? answerTrouble(request, settings, 404)
      : redirectTo(`/images/${whole}${rest}`, settings.maxAge)
  }
  const image = await findImage(settings, fingerprint)
  if (image === undefined) return answerTrouble(request, settings, 404)
  if (rest === '/download' || rest === '/metadata' || rest === '/rootfs')
    return downloadImage(settings, image, rest.slice(1) as ImageFile, request, context)
  if (rest === '/verify') return verifyImage(settings, image, request)
  if (rest === '' || rest === '.json')
    return withEtag(request, await answerImage(settings, image, request, rest === '.json'))
  return answerTrouble(request, settings, 404)
}

async function answerListing(settings: Settings): Promise<Response> {
  const { images, asOf, stale } = await listImages(settings)
  // Without the time, so that the ETag of an unchanged catalogue stays the same; Last-Modified has the time.
  return answerJson(
    { images },
    {
      headers: {
        'cache-control': `public, max-age=${settings.maxAge}`,
        'last-modified': new Date(asOf).toUTCString(),
        ...(stale ? { warning: '110 - "Response is Stale"' } : {}),
      },
    },
  )
}

/** Details of an error are only logged for the operator, because they name the server. */
function explain(request: Request, error: unknown): Promise<Response> | Response {
  if (error instanceof SettingsError) return answerJson({ error: error.message }, { status: 500 })
  console.error(String(error))
  const status = isHyperkitError(error, 'not-found') ? 404 : 502
  return answerTrouble(request, undefined, status)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
