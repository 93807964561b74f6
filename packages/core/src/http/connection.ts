import type * as v from 'valibot'
import { ServerError } from '../errors/errors.ts'
import type { ServerInfo } from '../model/server-info.ts'
import type { Transport } from '../transport/transport.ts'
import { type Answer, type AnswerFacts, readAnswer, readAs, readFailure } from './answer.ts'
import type { Call, CallOptions } from './call.ts'
import { readServer } from './read-server.ts'
import { refuseCrash } from './refuse-crash.ts'
import { refusePath } from './refuse-path.ts'
import { readLoginFacts, refusedLogin } from './refused-login.ts'
import { refusedToken, type TokenFacts } from './refused-token.ts'
import { send } from './send.ts'

/** One server as the verbs see it: three concentric calls (send, ask, read) and what is known of the server. */
export class Connection {
  readonly transport: Transport
  readonly project: string | undefined
  readonly requestTimeout: number | false
  #known: { server?: Promise<ServerInfo> | undefined }

  constructor(
    transport: Transport,
    options: {
      project?: string | undefined
      requestTimeout: number | false
      known?: { server?: Promise<ServerInfo> | undefined }
    },
  ) {
    this.transport = transport
    this.project = options.project
    this.requestTimeout = options.requestTimeout
    this.#known = options.known ?? {}
  }

  get name(): string {
    return this.transport.name
  }

  inProject(project: string): Connection {
    return new Connection(this.transport, {
      project,
      requestTimeout: this.requestTimeout,
      known: this.#known,
    })
  }

  /** Without the client's own project, which servers refuse beside `all-projects`. */
  inAllProjects(): Connection {
    return new Connection(this.transport, { requestTimeout: this.requestTimeout, known: this.#known })
  }

  /** Sends; the answer may be anything. */
  async send(call: Call): Promise<Response> {
    refuseCrash(call)
    refusePath(call)
    if (this.transport.token !== undefined) await this.server({ signal: call.signal })
    return this.#send(call)
  }

  /** @param other the token to show, after one that was refused */
  async #send(call: Call, other?: string): Promise<Response> {
    const { transport } = this
    const asked = { ...call, project: call.project ?? this.project }
    if (transport.token === undefined) return send(transport, asked, this.requestTimeout)
    // Asked here and not by the transport, so that what a server refuses is known to be what it was shown.
    let shown = ''
    const response = await send(transport, asked, this.requestTimeout, async () => {
      shown = other ?? (await transport.token?.()) ?? ''
      return shown
    })
    if (response.status !== 401) return response
    // What is answered with 401 has changed nothing; only a body that has been read cannot be sent again.
    if (other === undefined && call.body === undefined) {
      const next = await transport.token(shown)
      if (next !== shown) {
        await response.body?.cancel()
        return this.#send(call, next)
      }
    }
    const failure = await readFailure(response, this.facts(call))
    throw failure instanceof ServerError
      ? refusedLogin(failure, readLoginFacts(response.headers), tokenFacts(shown, response))
      : failure
  }

  /** Sends, and reads the envelope; an error of the server is thrown. */
  async ask(call: Call): Promise<Answer> {
    return readAnswer(await this.send(call), this.facts(call))
  }

  /** Sends, reads the envelope, and checks the shape of what it holds. */
  async read<const Schema extends v.GenericSchema>(
    schema: Schema,
    call: Call,
  ): Promise<{ value: v.InferOutput<Schema>; answer: Answer }> {
    const answer = await this.ask(call)
    return { value: readAs(schema, answer.metadata, this.facts(call)), answer }
  }

  facts(call: Call): AnswerFacts {
    return { server: this.name, action: call.action, request: { method: call.method, path: call.path } }
  }

  /** What kind of server it is; asked once. Throws where it does not take the token that the transport shows. */
  async server(options: CallOptions & { fresh?: boolean | undefined } = {}): Promise<ServerInfo> {
    if (options.fresh) this.forgetServer()
    const known = this.#known.server
    if (known) return known
    // Not shared while it is under way: one caller's abort must not fail another's call.
    const call: Call = {
      method: 'GET',
      path: '/1.0',
      action: 'read what kind of server this is',
      signal: options.signal,
    }
    const response = await this.#send(call)
    const found = readServer((await readAnswer(response, this.facts(call))).metadata, this.facts(call))
    if (!found.trusted && this.transport.token !== undefined)
      throw refusedToken(this.name, found, tokenFacts(await this.transport.token(), response))
    this.#known.server = Promise.resolve(found)
    return found
  }

  /** Has what the server says of itself read again with the next call that needs it. */
  forgetServer(): void {
    this.#known.server = undefined
  }
}

function tokenFacts(token: string, { headers }: Response): TokenFacts {
  return { token, now: Date.now(), serverTime: Date.parse(headers.get('date') ?? '') }
}
