import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTransport } from '@hyperkit/connect'
import { type Client, createClient, type Transport } from '@hyperkit/core'
import { dialects } from '@hyperkit/embedded'
import { removeFolder } from '../servers/remove-folder.ts'
import { startSimplestreams } from '../servers/start-simplestreams.ts'
import { startUrlSource } from '../servers/start-url-source.ts'
import type { CaseContext, ConnectCaseOptions } from './case-context.ts'
import { expectedAnswers } from './expected-answers.ts'
import { makeImageFile, makeSplitFiles } from './image-files.ts'
import { removeProject, sweepImages } from './sweep-images.ts'
import type { Target } from './target.ts'
import { watchRequests } from './watch-requests.ts'

/** Opens the context of one case. Closing it deletes everything that the case has made, also if the case failed. */
export async function openContext(target: Target): Promise<{ context: CaseContext; close(): Promise<void> }> {
  const token = `t${randomBytes(4).toString('hex')}`
  const directory = await mkdtemp(join(tmpdir(), 'hk-case-'))
  const actions: (() => unknown)[] = [() => removeFolder(directory)]
  const cleanup = (action: () => unknown): void => void actions.push(action)
  const close = (): Promise<void> => runAll(actions)
  try {
    return { context: await fill(target, token, directory, cleanup), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function fill(
  target: Target,
  token: string,
  directory: string,
  cleanup: CaseContext['cleanup'],
): Promise<CaseContext> {
  const fingerprints = new Set<string>()
  let count = 0
  const unique = (stem: string): string => `${stem}-${token}-${++count}`
  const transport = async (options: ConnectCaseOptions = {}): Promise<Transport> => {
    const made = await openTransport(target, options)
    cleanup(() => made.close?.())
    return made
  }
  const connect = async ({ project, ...options }: ConnectCaseOptions = {}): Promise<Client> =>
    createClient({ transport: await transport(options), project })
  const fresh = <Options extends { name?: string; seed?: string }>(options: Options | undefined) => {
    const name = options?.name ?? unique('image')
    return { ...options, directory, name, seed: options?.seed ?? `${name}-${token}` }
  }

  const { server, source } = target
  const socketClient = await connect({ socket: true })
  cleanup(() => sweepImages(socketClient, token, fingerprints))
  const client = await connect()
  const sourceClient = source && (await connect({ server: source }))
  if (sourceClient) cleanup(() => sweepImages(sourceClient, token, fingerprints))
  const imageFile: CaseContext['imageFile'] = async (options) => {
    const file = await makeImageFile(fresh(options))
    fingerprints.add(file.fingerprint)
    return file
  }

  return {
    target,
    expected: expectedAnswers[target.version],
    spoken: dialects[target.version],
    client,
    socketClient,
    untrustedClient: await connect({ certificate: server.untrustedCertificate }),
    get source() {
      if (!source || !sourceClient)
        throw new Error('Cannot use the source: the case must declare needs: ["second-server"]')
      return { ...source, client: sourceClient }
    },
    async other() {
      const other = await target.other()
      const otherClient = await connect({ server: other })
      cleanup(() => sweepImages(otherClient, token, fingerprints))
      return { ...other, client: otherClient }
    },
    async members() {
      const members = []
      for (const { name, kill, start, ...access } of target.members ?? [])
        members.push({ name, ...access, kill, start, client: await connect({ server: access }) })
      return members
    },
    unique,
    directory,
    imageFile,
    async uploaded(options, upload) {
      const file = await imageFile(options)
      await client.images.upload(file.source, { fingerprint: file.fingerprint, ...upload })
      return file
    },
    async splitFiles(options) {
      const files = await makeSplitFiles(fresh(options))
      fingerprints.add(files.fingerprint)
      return files
    },
    connect,
    transport,
    async watch({ project, ...options } = {}) {
      const watched = watchRequests(await transport(options))
      return { client: createClient({ transport: watched.transport, project }), requests: watched.requests }
    },
    async makeProject() {
      const name = unique('project')
      const json = { name, config: { 'features.images': 'true', 'features.profiles': 'false' } }
      await socketClient.request({ method: 'POST', path: '/1.0/projects', json })
      cleanup(() => removeProject(socketClient, name))
      return name
    },
    instance: () => target.instance(),
    async urlSource(options) {
      const started = await startUrlSource(options)
      cleanup(() => started.stop())
      return started
    },
    async simplestreams(images, options) {
      const tree = join(directory, unique('streams'))
      await mkdir(tree)
      const started = await startSimplestreams({ directory: tree, images, ...options })
      cleanup(() => started.stop())
      return started
    },
    async startOwn() {
      const own = await target.startOwn()
      cleanup(() => own.stop())
      return own
    },
    cleanup,
  }
}

function openTransport(target: Target, options: ConnectCaseOptions): Promise<Transport> {
  const server = options.server ?? target.server
  if (options.socket) return createTransport({ socket: server.socket, name: `${target.name} (socket)` })
  const { token } = options
  const shown = token === undefined ? server.clientCertificate : null
  const certificate = options.certificate === undefined ? shown : options.certificate
  return createTransport({
    url: server.url,
    name: target.name,
    serverCertificate: server.serverCertificate,
    ...(certificate ? { clientCertificate: certificate } : {}),
    ...(token === undefined ? {} : { token }),
  })
}

async function runAll(actions: (() => unknown)[]): Promise<void> {
  const failures: unknown[] = []
  for (const action of actions.reverse()) {
    try {
      await action()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'Cannot clean up after a case')
}
