import type * as v from 'valibot'
import { ServerError } from '../errors/errors.ts'
import type { ServerInfo } from '../model/server-info.ts'
import type { View } from '../model/view.ts'
import type { Transport } from '../transport/transport.ts'
import { isPathOfAlias } from './alias-path.ts'
import { type Answer, type AnswerFacts, readAnswer, readAs, readDate, readFailure } from './answer.ts'
import type { Call, CallOptions } from './call.ts'
import { discardBody } from './discard-body.ts'
import type { Limits } from './limits.ts'
import { type CallerFacts, hasIdentity, readCaller, readIdentity } from './read-caller.ts'
import { readForbidden, readUnseen } from './read-lack.ts'
import { readServer } from './read-server.ts'
import { readView, type ViewOptions } from './read-view.ts'
import { refuseCrash } from './refuse-crash.ts'
import { refusePath } from './refuse-path.ts'
import { readLoginFacts, refusedBearer, refusedLogin } from './refused-login.ts'
import { refusedToken, type TokenFacts } from './refused-token.ts'
import { send } from './send.ts'
import { askUntilSettled, readUntilAnswered } from './settle-lost.ts'

/** Milliseconds for which the server is not asked again whether it trusts this client. */
const trustedFor = 5_000

interface KnownServer {
  info: ServerInfo
  /** The time of its answer, by `performance.now()`. */
  at: number
  /** The same time by the server's own clock, in milliseconds since 1970. */
  clock: number
  caller: CallerFacts
  /** Whether the caller's identity was read, if it has one. */
  identified: boolean
  /** By kind of thing and project. */
  views: Map<string, View>
}

interface Known {
  server?: KnownServer | undefined
}

/** One server, as the verbs use it: `send` sends, `ask` also reads the envelope, `read` also checks its content. It keeps what is known of the server. */
export class Connection {
  readonly transport: Transport
  readonly project: string | undefined
  readonly limits: Limits
  #known: Known

  constructor(
    transport: Transport,
    options: {
      project?: string | undefined
      limits: Limits
      known?: Known
    },
  ) {
    this.transport = transport
    this.project = options.project
    this.limits = options.limits
    this.#known = options.known ?? {}
  }

  get name(): string {
    return this.transport.name
  }

  inProject(project: string): Connection {
    return new Connection(this.transport, {
      project,
      limits: this.limits,
      known: this.#known,
    })
  }

  /** The same connection without a project, which servers refuse beside `all-projects`. */
  inAllProjects(): Connection {
    return new Connection(this.transport, { limits: this.limits, known: this.#known })
  }

  /** Sends a request; the answer may be anything. */
  async send(call: Call): Promise<Response> {
    refuseCrash(call)
    refusePath(call)
    if (this.transport.token !== undefined) await this.server({ signal: call.signal })
    return this.#send(call)
  }

  /** @param other the token to send after another one was refused */
  async #send(call: Call, other?: string): Promise<Response> {
    const { transport } = this
    const asked = { ...call, project: call.project ?? this.project }
    if (transport.token === undefined) return send(transport, asked, this.limits)
    // The token is read here and not by the transport, to know which one a server refused.
    let shown = ''
    const response = await send(transport, asked, this.limits, async () => {
      shown = other ?? (await transport.token?.()) ?? ''
      return shown
    })
    if (response.status !== 401) return response
    // A request that is answered with 401 has changed nothing, so it can be sent again, unless its body has been read.
    if (other === undefined && call.body === undefined) {
      const next = await transport.token(shown)
      if (next !== shown) {
        await discardBody(response)
        return this.#send(call, next)
      }
    }
    const failure = await readFailure(response, this.facts(call))
    throw failure instanceof ServerError
      ? refusedLogin(failure, readLoginFacts(response.headers), tokenFacts(shown, readDate(response.headers)))
      : failure
  }

  /** Sends a request and reads the envelope; throws an error of the server. */
  async ask(call: Call): Promise<Answer> {
    return askUntilSettled(this, call, async (one) => readAnswer(await this.send(one), this.facts(call)))
  }

  /** Sends a request that changes nothing, and reads its answer, which need not be an envelope. */
  async receive<Result>(call: Call, read: (response: Response) => Promise<Result>): Promise<Result> {
    return readUntilAnswered(this, call, async (one) => read(await this.send(one)))
  }

  /** Sends a request, reads the envelope and checks the shape of its content. */
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
      signal: call.signal,
      silence: call.silence ?? this.limits.silence,
      maxDocument: this.limits.document,
    }
    return call.plain ? facts : { ...facts, look: (code) => this.#look(call, code) }
  }

  /** What this client sees, to explain a failed call; undefined if that does not explain it. */
  async #look(call: Call, code: 'not-found' | 'not-authorized'): Promise<View | undefined> {
    const { path, project, signal, query } = call
    if (code === 'not-found' && !path.startsWith('/1.0/images')) return readUnseen(this, call)
    // After a refusal, what was known of the server may be out of date.
    if (code === 'not-authorized') {
      this.forgetServer()
      const lack = await readForbidden(this, call)
      if (lack !== undefined) return lack
    }
    const view = await this.view({ project, signal })
    const isOfAlias = isPathOfAlias(path)
    if (view.sees === 'images' && code === 'not-found' && !isOfAlias) return undefined
    if (query?.secret === undefined || view.sees === 'everything') return view
    return {
      ...view,
      reason: `the secret is used up, expired or for another image, and ${view.reason}`,
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

  /** What kind of server it is, read once. Throws if the server does not accept the transport's token. */
  async server(options: CallOptions & { fresh?: boolean | undefined } = {}): Promise<ServerInfo> {
    if (options.fresh) this.forgetServer()
    return (this.#known.server ?? (await this.#askServer(options))).info
  }

  /**
   * What the server says about this client, at most a few seconds old because trust may end at any moment, and the time by the
   * server's clock.
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
    // Not shared between callers while it is under way: the abort of one must not fail the call of another.
    const call: Call = {
      method: 'GET',
      path: '/1.0',
      action: 'read the description of the server',
      signal: options.signal,
      plain: true,
    }
    const { metadata, date } = await askUntilSettled(this, call, async (one) => {
      const response = await this.#send(one)
      if (response.status === 403 && this.transport.token !== undefined)
        throw refusedBearer(await readFailure(response, this.facts(call)))
      return readAnswer(response, this.facts(call))
    })
    const found = readServer(metadata, this.facts(call))
    if (!found.trusted && this.transport.token !== undefined)
      throw refusedToken(this.name, found, tokenFacts(await this.transport.token(), date))
    this.#known.server = {
      info: found,
      at: performance.now(),
      clock: date?.getTime() ?? Date.now(),
      caller: readCaller(metadata, found),
      identified: false,
      views: new Map(),
    }
    return this.#known.server
  }

  /** Makes the next call that needs it read the server's description again. */
  forgetServer(): void {
    this.#known.server = undefined
  }
}

function tokenFacts(token: string, serverTime: Date | undefined): TokenFacts {
  return { token, now: Date.now(), serverTime: serverTime?.getTime() ?? Number.NaN }
}
