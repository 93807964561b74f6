import { deepEqual, equal } from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { type Asked, foretell, openAsk } from '../harness/ask.ts'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { holdDownload } from '../harness/hold-download.ts'
import { openMessages } from '../harness/open-messages.ts'

const topic = 'answers: operations'

export const cases: ConformanceCase[] = [
  {
    name: 'an operation record has the fields of this version',
    topic,
    async run(context) {
      const { client, spoken, imageFile, makeProject } = context
      const project = await makeProject()
      const { source, fingerprint } = await imageFile()
      await client.project(project).images.upload(source, { fingerprint })
      const ask = await openAsk(context)
      const path = `/1.0/images/${fingerprint}`
      const { metadata: operation } = await ask('DELETE', `${path}?project=${project}`)
      const url = spoken.resourcesNameProject ? `${path}?project=${project}` : path
      deepEqual(operation.resources, spoken.operationResources ? { images: [url] } : {})
      equal(
        operation.metadata?.entity_url,
        spoken.operationEntityUrl ? `${path}?project=${project}` : undefined,
      )
      const keys = ['requestor', 'err_code', 'child_count'].map((key) => key in operation)
      deepEqual(keys, [spoken.operationRequestor, spoken.operationErrCode, spoken.operationChildCount])
      equal(operation.may_cancel, spoken.cancellable === 'always')
      equal(operation.id[14], spoken.operationIds === 'v7' ? '7' : '4')
      await ask('GET', `/1.0/operations/${operation.id}/wait?timeout=30`)
      const failing = await ask('POST', '/1.0/images', { body: 'no image' })
      deepEqual(failing.metadata.resources, spoken.operationResources ? spoken.noResources : {})
      const about = { entity_url: '/1.0/projects/default' }
      deepEqual(failing.metadata.metadata, spoken.operationEntityUrl ? about : spoken.noMetadata)
    },
  },
  {
    name: 'T2, T44: a wait whose operation fails and a wait that times out are answered in this version’s way',
    topic,
    async run(context) {
      const ask = await openAsk(context)
      const expected = { state: [200, 'sync'], error: [200, 'error'], 'error-500': [500, 'error'] }
      const outcome = ({ status, type }: Asked) => [status, type]
      const { operation } = await ask('POST', '/1.0/images', { body: 'no image' })
      deepEqual(outcome(await ask('GET', `${operation}/wait`)), expected[context.spoken.wait])
      const running = await makeToken(context)
      deepEqual(outcome(await ask('GET', `${running}/wait?timeout=1`)), expected[context.spoken.wait])
    },
  },
  {
    name: 'the headers of a wait arrive at its beginning or at its end, depending on the version',
    topic,
    async run(context) {
      const running = await makeToken(context)
      const { origin, fetch } = await context.transport()
      const ask = await openAsk(context)
      const answer = await fetch(`${origin}${running}/wait?timeout=3`, {
        method: 'GET',
        headers: new Headers(),
      })
      // If the headers were sent at the beginning of the wait, the body shows the cancellation.
      await ask('DELETE', running)
      const sawTheEnd = /cancel/i.test((await answer.text()).replace('may_cancel', ''))
      equal(sawTheEnd, context.spoken.waitHeadersAtOnce)
    },
  },
  {
    name: 'listing the operations of a missing project gives an empty list or an error, depending on the version',
    topic,
    async run(context) {
      const ask = await openAsk(context)
      const project = context.unique('absent')
      const { status, error } = await ask('GET', `/1.0/operations?project=${project}`)
      equal(
        error === '' ? String(status) : `${status} ${error}`,
        foretell(context.spoken.operationsOfUnknownProject, project),
      )
    },
  },
  {
    name: 'an upload token has the description and fields of this version',
    topic,
    async run(context) {
      const { spoken } = context
      const ask = await openAsk(context)
      const { fingerprint } = await context.imageFile()
      const json = { properties: {}, source: { type: 'image', mode: 'push', fingerprint } }
      const { operation, metadata } = await ask('POST', '/1.0/images', { json })
      context.cleanup(() => ask('DELETE', operation))
      equal(metadata.description, spoken.pushTokenDescription)
      equal(metadata.metadata.fingerprint, spoken.pushTokenFingerprint ? fingerprint : undefined)
    },
  },
  {
    name: 'T53: events show or hide the secret of a token, depending on the version',
    topic,
    async run(context) {
      const messages = await listen(context)
      const running = await makeToken(context)
      const { metadata } = await messages.find(({ id }) => running.endsWith(id))
      equal(metadata === null, context.spoken.hidesTokensInEvents)
    },
  },
  {
    name: 'T56: the progress of a download is in the operation or only in its events, depending on the version',
    topic,
    needs: ['simplestreams'],
    async run(context) {
      const { spoken } = context
      const messages = await listen(context)
      const { handle, source } = await holdDownload(context)
      const ask = await openAsk(context)
      const event = await messages.find(
        ({ id, metadata }) => id === handle.id && metadata?.download_progress !== undefined,
      )
      equal('progress' in event.metadata, spoken.downloadProgressObject)
      const { metadata } = await ask('GET', `/1.0/operations/${handle.id}`)
      equal(metadata.metadata?.download_progress === undefined, spoken.progressInEventsOnly)
      source.release()
      await handle.wait()
    },
  },
]

/** An operation that runs until it is cancelled: a token to download an image. */
async function makeToken(context: CaseContext): Promise<string> {
  const { fingerprint } = await context.uploaded()
  const ask = await openAsk(context)
  const { operation } = await ask('POST', `/1.0/images/${fingerprint}/secret`)
  context.cleanup(() => ask('DELETE', operation))
  return operation
}

/** The events of operations from now on. */
async function listen(context: CaseContext) {
  const messages = await openMessages(context, 'type=operation')
  const rest = messages[Symbol.asyncIterator]()
  // A server registers a listener a moment after the handshake: after the first event none is missed.
  let next = rest.next()
  while (!(await Promise.race([next.then(() => true), delay(100, false)]))) await makeToken(context)
  return {
    // biome-ignore lint/suspicious/noExplicitAny: cases look wherever they like
    async find(isWanted: (metadata: any) => boolean): Promise<any> {
      for (;;) {
        const { done, value } = await next
        if (done) throw new Error('The events ended before the one that was waited for')
        const { metadata } = JSON.parse(value)
        if (isWanted(metadata)) return metadata
        next = rest.next()
      }
    },
  }
}
