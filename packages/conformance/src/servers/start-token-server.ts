import { createPrivateKey, sign } from 'node:crypto'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { MadeCertificate } from './make-certificate.ts'

export interface TokenServer {
  /** The realm of the registry. */
  url: string
  /** `GET /token?service=…&scope=…`, in order, with `as USER` at the end if the request had credentials. */
  requests: string[]
  issue(repository: string, actions: readonly string[]): string
  stop(): Promise<void>
}

/** The server that gives the tokens of a registry: to its user for everything, to others for nothing. */
export async function startTokenServer(
  certificate: MadeCertificate,
  user: { username: string; password: string },
): Promise<TokenServer> {
  const requests: string[] = []
  const basic = `Basic ${Buffer.from(`${user.username}:${user.password}`).toString('base64')}`
  const server = createServer({ cert: certificate.cert, key: certificate.key }, (request, response) => {
    const { authorization } = request.headers
    const { searchParams } = new URL(request.url ?? '/', 'https://localhost')
    requests.push(`GET ${request.url}${authorization === basic ? ` as ${user.username}` : ''}`)
    if (authorization !== undefined && authorization !== basic) {
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"details":"incorrect password"}')
      return
    }
    const access = authorization === undefined ? [] : searchParams.getAll('scope').map(readScope)
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ token: issue(certificate, access), expires_in: 300 }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${port}/token`,
    requests,
    issue: (name, actions) => issue(certificate, [{ type: 'repository', name, actions }]),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Access {
  type: string
  name: string
  actions: readonly string[]
}

/** `repository:team/app:pull,push` */
function readScope(scope: string): Access {
  const [type = '', name = '', actions = ''] = scope.split(':')
  return { type, name, actions: actions.split(',') }
}

function issue({ key, base64 }: MadeCertificate, access: readonly Access[]): string {
  const now = Math.floor(Date.now() / 1000)
  const times = { iat: now, nbf: now - 60, exp: now + 300 }
  const claims = { iss: 'hyperkit', sub: '', aud: 'registry', jti: String(now), ...times, access }
  const text = [{ typ: 'JWT', alg: 'ES256', x5c: [base64] }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const signature = sign('sha256', Buffer.from(text), {
    key: createPrivateKey(key),
    dsaEncoding: 'ieee-p1363',
  })
  return `${text}.${signature.toString('base64url')}`
}
