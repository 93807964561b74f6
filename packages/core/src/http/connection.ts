import type * as v from 'valibot'
import { ServerError } from '../errors/errors.ts'
import type { ServerInfo } from '../model/server-info.ts'
import type { View } from '../model/view.ts'
import type { Transport } from '../transport/transport.ts'
import { type Answer, type AnswerFacts, readAnswer, readAs, readFailure } from './answer.ts'
import type { Call, CallOptions } from './call.ts'
import { type CallerFacts, hasIdentity, readCaller, readIdentity } from './read-caller.ts'
import { readForbidden, readUnseen } from './read-lack.ts'
import { readServer } from './read-server.ts'
import { readView, type ViewOptions } from './read-view.ts'
import { refuseCrash } from './refuse-crash.ts'
import { refusePath } from './refuse-path.ts'
import { readLoginFacts, refusedBearer, refusedLogin } from './refused-login.ts'
import { refusedToken, type TokenFacts } from './refused-token.ts'
import { send } from './send.ts'

/** Milliseconds for which a server's word that it trusts this client is not asked for again. */
const trustedFor = 5_000

interface KnownServer {
  info: ServerInfo
  /** When it answered, as of `performance.now()`. */
  at: number
  /** The same by its own clock, in milliseconds since 1970. */
  clock: number
  caller: CallerFacts
  /** Whether the caller's identity was asked for, where there is one. */
  identified: boolean
  /** By what is seen, and by project. */
  views: Map<string, View>
}

interface Known {
  server?: KnownServer | undefined
}

/** One server as the verbs see it: three concentric calls (send, ask, read) and what is known of the server. */
export class Connection {
  readonly transport: Transport
  readonly project: string | undefined
  readonly requestTimeout: number | false
  #known: Known

  constructor(
    transport: Transport,
    options: {
      project?: string | undefined
      requestTimeout: number | false
      known?: Known
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
    const facts = {
      server: this.name,
      action: call.action,
      request: { method: call.method, path: call.path },
    }
    return call.plain ? facts : { ...facts, look: (code) => this.#look(call, code) }
  }

  /** What this client sees where a call failed; undefined where that tells nothing of the failure. */
  async #look(call: Call, code: 'not-found' | 'not-authorized'): Promise<View | undefined> {
    const { path, project, signal, query } = call
    if (code === 'not-found' && !path.startsWith('/1.0/images')) return readUnseen(this, call)
    // A refusal is news: what was known of the server before is not asked.
    if (code === 'not-authorized') {
      this.forgetServer()
      const lack = await readForbidden(this, call)
      if (lack !== undefined) return lack
    }
    const view = await this.view({ project, signal })
    const isOfAlias = path.startsWith('/1.0/images/aliases/')
    if (view.sees === 'images' && code === 'not-found' && !isOfAlias) return undefined
    if (query?.secret === undefined || view.sees === 'everything') return view
    return {
      ...view,
      reason: `the secret opens nothing there, as it is used up, ended or of another image, and ${view.reason}`,
      remedy: `ask for a new secret, or ${view.remedy}`,
    }
  }

  /** What this client sees of a project's images or operations. */
  async view(options: ViewOptions = {}): Promise<View> {
    const { of = 'images', allProjects, project = this.project ?? 'default' } = options
    const key = JSON.stringify([of, allProjects ? null : project])
    const { views } = await this.#young(options)
    const view = views.get(key) ?? (await readView(this, options))
    views.set(key, view)
    return view
  }

  /** What kind of server it is; asked once. Throws where it does not take the token that the transport shows. */
  async server(options: CallOptions & { fresh?: boolean | undefined } = {}): Promise<ServerInfo> {
    if (options.fresh) this.forgetServer()
    return (this.#known.server ?? (await this.#askServer(options))).info
  }

  /**
   * What the server says of this client, not older than some seconds (trust may end at any moment), and the time by its
   * clock.
   */
  async caller(
    options: CallOptions & { fresh?: boolean | undefined },
  ): Promise<{ caller: CallerFacts; now: number }> {
    if (options.fresh) this.forgetServer()
    const known = await this.#young(options)
    if (!known.identified && hasIdentity(known.caller, known.info))
      known.caller.identity = await readIdentity((call) => this.inAllProjects().ask(call), options)
    known.identified = true
    return { caller: known.caller, now: known.clock + performance.now() - known.at }
  }

  async #young(options: CallOptions): Promise<KnownServer> {
    const known = this.#known.server
    const isYoung = known !== undefined && performance.now() - known.at < trustedFor
    return isYoung ? known : this.#askServer(options)
  }

  async #askServer(options: CallOptions): Promise<KnownServer> {
    // Not shared while it is under way: one caller's abort must not fail another's call.
    const call: Call = {
      method: 'GET',
      path: '/1.0',
      action: 'read what kind of server this is',
      signal: options.signal,
      plain: true,
    }
    const response = await this.#send(call)
    if (response.status === 403 && this.transport.token !== undefined)
      throw refusedBearer(await readFailure(response, this.facts(call)))
    const { metadata } = await readAnswer(response, this.facts(call))
    const found = readServer(metadata, this.facts(call))
    if (!found.trusted && this.transport.token !== undefined)
      throw refusedToken(this.name, found, tokenFacts(await this.transport.token(), response))
    const clock = Date.parse(response.headers.get('date') ?? '')
    this.#known.server = {
      info: found,
      at: performance.now(),
      clock: Number.isNaN(clock) ? Date.now() : clock,
      caller: readCaller(metadata, found),
      identified: false,
      views: new Map(),
    }
    return this.#known.server
  }

  /** Has what the server says of itself read again with the next call that needs it. */
  forgetServer(): void {
    this.#known.server = undefined
  }
}

function tokenFacts(token: string, { headers }: Response): TokenFacts {
  return { token, now: Date.now(), serverTime: Date.parse(headers.get('date') ?? '') }
}
