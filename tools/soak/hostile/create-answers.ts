import type { ImageServer } from '@hyperkit/embedded'
import type { Fixtures, MadeImage } from './fixtures.ts'
import type { RawRequest } from './serve-raw.ts'

/** What a server says as long as nothing spoils its answers. */
export interface Truth {
  server: ImageServer
  fixtures: Fixtures
  /** The address of the server, known once it listens. */
  url: string
  /** The access token that the provider issued last. */
  token: string | undefined
}

const json = { 'content-type': 'application/json' }

/** True answers as an image server, a simplestreams server, a web server and an OIDC provider, each at paths of its own. */
export function createAnswers(truth: Truth): (request: RawRequest) => Promise<Response> {
  return async ({ method, target, headers, body }) => {
    const { pathname } = new URL(target, 'http://hostile')
    if (pathname.startsWith('/streams-server/')) return answerStreams(truth.fixtures, pathname.slice(16))
    if (pathname === '/image.tar.gz') return answerFile(truth, method)
    if (pathname === '/.well-known/openid-configuration') return Response.json(discovery(truth.url))
    if (pathname === '/token') return grant(truth)
    const asked = headers.get('authorization')
    if (asked !== null && asked !== `Bearer ${truth.token}`) return refuseLogin(truth)
    const hasBody = method !== 'GET' && method !== 'HEAD' && body.byteLength > 0
    const request = new Request(`http://hostile${target}`, {
      method,
      headers,
      ...(hasBody ? { body: new Uint8Array(body) } : {}),
    })
    return truth.server.fetch(request, { transport: 'http', trust: 'admin', target })
  }
}

function answerFile({ fixtures }: Truth, method: string): Response {
  const [bytes] = fixtures.fresh.bytes
  const headers = {
    'incus-image-hash': fixtures.fresh.fingerprint,
    'incus-image-url': '/image.tar.gz',
    etag: '"1"',
  }
  return new Response(method === 'HEAD' ? null : new Uint8Array(bytes ?? []), { headers })
}

function answerStreams({ unified, split }: Fixtures, path: string): Response {
  const files: Record<string, Buffer | undefined> = {
    'unified.tar.gz': unified.bytes[0],
    'meta.tar.gz': split.bytes[0],
    'rootfs.tar.gz': split.bytes[1],
  }
  if (path === 'streams/v1/index.json') return Response.json(index)
  if (path === 'streams/v1/images.json') return Response.json(products(unified, split))
  const bytes = files[path]
  return bytes === undefined
    ? new Response('', { status: 404 })
    : new Response(new Uint8Array(bytes), { headers: { 'content-type': 'application/octet-stream' } })
}

const index = {
  format: 'index:1.0',
  index: {
    images: {
      datatype: 'image-downloads',
      format: 'products:1.0',
      path: 'streams/v1/images.json',
      products: ['alpine:edge:amd64:default', 'debian:13:amd64:default'],
    },
  },
}

function products(unified: MadeImage, split: MadeImage): object {
  const product = (os: string, release: string, items: object) => ({
    aliases: `${os}/${release},${os}`,
    arch: 'amd64',
    os,
    release,
    release_title: release,
    variant: 'default',
    versions: { '20260101_00:00': { items } },
  })
  const item = (path: string, ftype: string, bytes: Buffer | undefined) => ({
    path,
    ftype,
    size: bytes?.byteLength ?? 0,
  })
  const whole = { sha256: unified.fingerprint }
  const joint = { combined_rootxz_sha256: split.fingerprint }
  const [metadata, rootfs] = split.bytes
  return {
    format: 'products:1.0',
    products: {
      'alpine:edge:amd64:default': product('alpine', 'edge', {
        'lxd_combined.tar.gz': {
          ...item('unified.tar.gz', 'lxd_combined.tar.gz', unified.bytes[0]),
          ...whole,
        },
        'incus_combined.tar.gz': {
          ...item('unified.tar.gz', 'incus_combined.tar.gz', unified.bytes[0]),
          ...whole,
        },
      }),
      'debian:13:amd64:default': product('debian', '13', {
        'lxd.tar.xz': { ...item('meta.tar.gz', 'lxd.tar.xz', metadata), ...joint },
        'incus.tar.xz': { ...item('meta.tar.gz', 'incus.tar.xz', metadata), ...joint },
        'root.tar.xz': item('rootfs.tar.gz', 'root.tar.xz', rootfs),
      }),
    },
  }
}

function discovery(issuer: string): object {
  return {
    issuer,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/keys`,
    authorization_endpoint: `${issuer}/authorize`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  }
}

function grant(truth: Truth): Response {
  truth.token = issueToken(truth.url, 3600)
  return Response.json({
    access_token: truth.token,
    token_type: 'Bearer',
    expires_in: 3600,
    refresh_token: 'next',
  })
}

/** A token that nobody checks; an expired one for a negative lifetime. */
export function issueToken(issuer: string, lifetime: number): string {
  const exp = Math.floor(Date.now() / 1000) + lifetime
  const parts = [{ alg: 'none' }, { iss: issuer, sub: 'ada', exp }]
  return [...parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')), 'x'].join('.')
}

function refuseLogin({ url }: Truth): Response {
  const refusal = { type: 'error', error: 'not authorized', error_code: 401, metadata: null }
  const headers = { ...json, 'x-incus-oidc-issuer': url, 'x-incus-oidc-clientid': 'device' }
  return new Response(JSON.stringify(refusal), { status: 401, headers })
}
