import { deepEqual, equal, ok } from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { type Ask, fillWords, openAsk, settle, tell } from '../harness/ask.ts'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { offerImage } from '../harness/offer-image.ts'
import { openMessages } from '../harness/open-messages.ts'
import { listenLoopback } from '../servers/listen-loopback.ts'

const topic = 'answers: sources'

export const cases: ConformanceCase[] = [
  {
    name: 'a download from an unreachable or untrusted source fails in this version’s words',
    topic,
    needs: ['second-server'],
    async run(context) {
      const { spoken, source } = context
      const ask = await openAsk(context)
      const closed = await listenLoopback(() => {})
      await closed.stop()
      const { host } = new URL(closed.url)
      const server = `https://${host}`
      const dialled = fillWords(spoken.dialFailure, host, `dial tcp ${host}: connect: connection refused`)
      const connecting = (url: string) => fillWords(spoken.connectFailure, url)
      equal(
        await pull(ask, { server, alias: 'any' }),
        spoken.asksSourceFirst
          ? `${connecting(server)}Get "${server}/1.0": ${dialled}`
          : `Failed getting remote image info: Get "${server}/1.0/images/any": ${dialled}`,
      )
      const untrusted = await pull(ask, { server: source.url, alias: 'any' })
      const words = `": ${spoken.tlsErrorPrefix}x509: certificate signed by unknown authority`
      ok(untrusted.endsWith(words), untrusted)
      equal(
        await pull(ask, { server: source.url, alias: 'any', certificate: 'junk' }),
        `${connecting(source.url)}${spoken.badCertificate}`,
      )
      equal(
        await pull(ask, { server: source.url, alias: 'any', protocol: 'nonsense' }),
        fillWords(spoken.unknownProtocol, 'nonsense'),
      )
    },
  },
  {
    name: 'T33: a download request without a server fails or ends the daemon, depending on the version',
    topic,
    needs: ['restart'],
    async run(context) {
      const known = { fails: [true, true], crashes: [false, false], 'crashes-on-fingerprint': [true, false] }
      const fails: boolean[] = []
      for (const alias of [true, false]) {
        const server = await context.startOwn()
        const ask = await openAsk(context, { server })
        const name = alias ? { alias: 'any' } : { fingerprint: 'a'.repeat(64) }
        fails.push(
          await pull(ask, { server: '', ...name }).then(
            (words) => words !== '',
            () => false,
          ),
        )
      }
      deepEqual(fails, known[context.spoken.emptyServer])
    },
  },
  {
    name: 'the error of a download names the other instance type that the source has, or not, depending on the version',
    topic,
    needs: ['second-server'],
    async run(context) {
      const ask = await openAsk(context)
      const { from, alias } = await offerImage(context)
      const words = await pull(ask, { ...from, alias, image_type: 'virtual-machine' })
      ok(words !== '')
      equal(words.includes('but one was found for instance type "container"'), context.spoken.namesOtherType)
    },
  },
  {
    name: 'a download whose bytes differ from the announced fingerprint fails in this version’s words',
    topic,
    async run(context) {
      const { spoken, imageFile, unique } = context
      const ask = await openAsk(context)
      const [sent, announced, alias] = [await imageFile(), 'd'.repeat(64), unique('lie')]
      const server = await lie(context, alias, announced, sent.path)
      equal(
        await pull(ask, { server, alias }),
        fillWords(spoken.downloadMismatch, sent.fingerprint, announced),
      )
    },
  },
  {
    name: 'the server reads a simplestreams source in this version’s way',
    topic,
    needs: ['simplestreams'],
    async run(context) {
      const { spoken, imageFile, simplestreams, unique } = context
      const ask = await openAsk(context)
      const [image, alias, absent] = [await imageFile(), unique('combined'), unique('absent')]
      const { url: server } = await simplestreams([
        { os: 'Combined', release: alias, aliases: [alias], image, combinedType: 'virtual-machine' },
      ])
      const protocol = 'simplestreams'
      equal(
        await pull(ask, { server, protocol, alias: absent }),
        `Failed getting remote image info: ${fillWords(spoken.missingStreamImage, absent)}`,
      )
      const words = await pull(ask, { server, protocol, alias, image_type: 'virtual-machine' })
      equal(words === '', spoken.combinedType, words)
    },
  },
  {
    name: 'T35: an image downloaded by the protocol of the other server kind is stored or refused, depending on the version',
    topic,
    needs: ['second-server'],
    async run(context) {
      const { spoken } = context
      const ask = await openAsk(context)
      const { from, alias } = await offerImage(context)
      equal(
        await pull(ask, { ...from, alias, protocol: 'lxd' }),
        spoken.storesOwnProtocolOnly ? 'Invalid protocol: lxd' : '',
      )
    },
  },
  {
    name: 'T7, T8, T69: downloading an existing image again resets it and clashes with its aliases in this version’s way',
    topic,
    needs: ['second-server'],
    async run(context) {
      const { client, spoken, unique } = context
      const ask = await openAsk(context)
      const { from, file, fingerprint } = await offerImage(context)
      await client.images.upload(file.source, { fingerprint, public: true })
      equal(await pull(ask, { ...from, fingerprint }), '')
      equal((await client.images.get(fingerprint)).public, spoken.repullResets === 'if-named')
      const name = unique('own')
      await client.aliases.create(name, { target: fingerprint })
      equal(
        await pull(ask, { ...from, fingerprint }),
        spoken.repullClashesWithAliases ? `Alias already exists: ${name}` : '',
      )
    },
  },
  {
    name: 'a download with an unknown profile is accepted or refused, and the image records its source in this version’s way',
    topic,
    needs: ['second-server'],
    async run(context) {
      const { client, source, spoken, unique } = context
      const ask = await openAsk(context)
      const { from, alias, fingerprint } = await offerImage(context)
      const other = await offerImage(context)
      const unknown = { profiles: [unique('absent')] }
      const told = await pull(ask, { ...from, alias: other.alias }, unknown)
      equal(told === '', !spoken.pullHonoursProfiles, told)
      equal(await pull(ask, { ...from, alias }), '')
      const read = async (): Promise<Record<string, unknown> | undefined> =>
        (await ask('GET', `/1.0/images/${fingerprint}`)).metadata.update_source
      equal('image_registry' in ((await read()) ?? {}), spoken.sourceHasRegistry)
      await client.images.delete(fingerprint)
      await source.client.images.update(fingerprint, { public: false })
      const { secret } = await source.client.images.createSecret(fingerprint)
      const start = fingerprint.slice(0, 12)
      equal(await pull(ask, { ...from, fingerprint: start, secret }), '')
      equal(await read(), undefined)
    },
  },
  {
    name: 'T30, T76: creating and deleting an image and its aliases sends the events of this version',
    topic,
    needs: ['simplestreams'],
    async run(context) {
      const { client, spoken, imageFile, simplestreams, makeProject, uploaded, unique } = context
      const ask = await openAsk(context)
      const [one, other, end] = [await imageFile(), await imageFile(), unique('end')]
      const images = [one, other].map((image) => ({ image, name: unique('told') }))
      const { url: server } = await simplestreams(
        images.map(({ image, name }) => ({ os: 'Told', release: name, aliases: [name], image })),
      )
      const elsewhere = client.project(await makeProject())
      const last = await uploaded()
      const events = await openEvents(context)
      for (const { image, name } of images) {
        const aliases = [{ name, description: '' }]
        equal(await pull(ask, { server, protocol: 'simplestreams', alias: name }, { aliases }), '')
        // Another project has a copy of the first image when it is deleted.
        if (image === one) await elsewhere.images.upload(image.source, { fingerprint: image.fingerprint })
        await client.images.delete(image.fingerprint)
      }
      await client.aliases.create(end, { target: last.fingerprint })
      const told = await events.count(end)
      const actions = ['image-created', 'image-deleted', 'image-alias-created', 'image-alias-deleted']
      const created = spoken.createdTwiceOnPull ? 2 : 1
      const named = spoken.aliasEventsWithImage ? 1 : 0
      deepEqual(
        images.map(({ image, name }) =>
          actions.map((action) => {
            const about = action.includes('alias') ? name : image.fingerprint
            return told.get(`${action} ${about}`) ?? 0
          }),
        ),
        [
          [created, 0, named, 0],
          [created, 1, named, named],
        ],
      )
    },
  },
  {
    name: 'T39: a push to an unreachable target is refused or fails later, and an error of the target is passed on in this version’s way',
    topic,
    needs: ['second-server'],
    async run(context) {
      const { spoken, source, uploaded } = context
      const ask = await openAsk(context)
      const closed = await listenLoopback(() => {})
      await closed.stop()
      const { fingerprint, source: bytes } = await uploaded()
      const path = `/1.0/images/${fingerprint}/export`
      const target = `https://${new URL(closed.url).host}`
      const unreachable = await ask('POST', path, { json: { target, secret: 'none' } })
      equal(unreachable.status, spoken.pushConnectsFirst ? 500 : 202, tell(unreachable))
      await source.client.images.upload(bytes, { fingerprint })
      const other = await openAsk(context, { server: source })
      const json = { source: { type: 'image', mode: 'push', fingerprint }, properties: {} }
      const { metadata: token } = await other('POST', '/1.0/images', { json })
      const pushed = await ask('POST', path, {
        json: { target: source.url, certificate: source.serverCertificate, secret: token.metadata.secret },
      })
      const words = 'Image with same fingerprint already exists'
      // The source gets the failure in the form of this version's /wait.
      equal(
        (await settle(ask, pushed)).err,
        spoken.wait === 'state' ? `Failed operation "Failure": "${words}"` : words,
      )
    },
  },
]

/** The error of a failed download, or '' if it succeeded. */
async function pull(ask: Ask, source: Record<string, string>, more: object = {}): Promise<string> {
  const json = { source: { type: 'image', mode: 'pull', ...source }, ...more }
  const operation = await settle(ask, await ask('POST', '/1.0/images', { json }))
  return operation.err
}

/** A server with just the API that a download needs, which sends a file as an image with another fingerprint. */
async function lie(
  { cleanup }: CaseContext,
  alias: string,
  fingerprint: string,
  path: string,
): Promise<string> {
  const bytes = await readFile(path)
  const image = { fingerprint, public: true, size: bytes.length, type: 'container', architecture: 'x86_64' }
  const times = { created_at: '2023-11-14T22:13:20Z', expires_at: '1970-01-01T00:00:00Z' }
  const answers: Record<string, unknown> = {
    '/1.0': { api_extensions: [], api_version: '1.0', auth: 'untrusted', public: true },
    [`/1.0/images/aliases/${alias}`]: { name: alias, target: fingerprint, type: 'container' },
    [`/1.0/images/${fingerprint}`]: { ...image, ...times, filename: 'lie.tar.gz', properties: {} },
  }
  const server = await listenLoopback(({ url = '' }, response) => {
    const { pathname } = new URL(url, 'http://localhost')
    if (pathname.endsWith('/export')) {
      const disposition = 'inline;filename=lie.tar.gz'
      response.writeHead(200, {
        'content-type': 'application/octet-stream',
        'content-disposition': disposition,
        'content-length': bytes.length,
      })
      return void response.end(bytes)
    }
    const metadata = answers[pathname]
    const envelope = { type: 'sync', status: 'Success', status_code: 200, metadata }
    const missing = { type: 'error', error: 'not found', error_code: 404 }
    response.writeHead(metadata === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(metadata === undefined ? missing : envelope))
  })
  cleanup(() => server.stop())
  return server.url
}

/** Lifecycle events from now on. */
async function openEvents(context: CaseContext) {
  const messages = await openMessages(context, 'type=lifecycle')
  return {
    /** How often each event arrives, by `<action> <fingerprint or name>`, until an alias of that name is created. */
    async count(end: string): Promise<Map<string, number>> {
      const told = new Map<string, number>()
      for await (const message of messages) {
        const { action, source } = JSON.parse(message).metadata
        const about = `${action} ${source.replace(/\?.*/, '').split('/').pop()}`
        told.set(about, (told.get(about) ?? 0) + 1)
        if (about === `image-alias-created ${end}`) break
      }
      return told
    },
  }
}
