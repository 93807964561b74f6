import { deepEqual, equal, ok } from 'node:assert/strict'
import { type Ask, fillWords, openAsk, settle, tell } from '../harness/ask.ts'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { openMessages } from '../harness/open-messages.ts'

const topic = 'answers: publishing'
const needs = ['instance'] as const

export const cases: ConformanceCase[] = [
  {
    name: 'publishing a missing instance or snapshot is refused at once or later, in this version’s words',
    topic,
    needs,
    async run(context) {
      const { spoken, unique } = context
      const { ask, name } = await openInstance(context)
      const absent = unique('absent')
      const words = fillWords(spoken.missingInstance, absent, 'default')
      equal(await publish(ask, { name: absent }), spoken.publishFindsFirst ? `404 ${words}` : words)
      const { status, error } = await ask('GET', `/1.0/instances/${name}/snapshots/${absent}`)
      equal(status, 404)
      ok(error.endsWith(spoken.missingSnapshot), error)
    },
  },
  {
    name: 'publishing with an unknown compression is refused at once or later, in this version’s words',
    topic,
    needs,
    async run(context) {
      const { spoken, unique } = context
      const { ask, name } = await openInstance(context)
      const outcome = (compression: string) =>
        publish(ask, { name }, { compression_algorithm: compression, properties: { mark: unique('mark') } })
      const refused = (compression: string): string => {
        const words = fillWords(spoken.unknownCompression, compression)
        return spoken.compressionCheckedFirst ? `400 ${words}` : words
      }
      equal(await outcome('squeeze'), refused('squeeze'))
      equal((await outcome('gzip -n')) === '', spoken.compressionArguments === 'free')
    },
  },
  {
    name: 'a published image has only the requested properties, or also those of its instance, depending on the version',
    topic,
    needs,
    async run(context) {
      const { spoken, unique } = context
      const { ask, name } = await openInstance(context)
      const properties = { mark: unique('mark') }
      const operation = await settle(ask, await start(ask, { name }, { properties }))
      const { metadata: image } = await ask('GET', `/1.0/images/${operation.metadata.fingerprint}`)
      equal(image.properties.mark, properties.mark)
      equal(image.properties.os !== undefined, spoken.publishMergesProperties)
    },
  },
  {
    name: 'the server reads or ignores the format of a publish request, depending on the version',
    topic,
    needs,
    async run(context) {
      const { ask, name } = await openInstance(context)
      const more = { format: 'nonsense', properties: { mark: context.unique('mark') } }
      equal(await publish(ask, { name }, more), context.spoken.publishFormat ? 'Invalid image format' : '')
    },
  },
  {
    name: 'the progress of publishing has the key of this version',
    topic,
    needs,
    async run(context) {
      const { spoken, unique } = context
      const { ask, name } = await openInstance(context)
      const messages = await openMessages(context, 'type=operation')
      const { operation } = await start(ask, { name }, { properties: { mark: unique('mark') } })
      const keys = new Set<string>()
      for await (const message of messages) {
        const { metadata: told } = JSON.parse(message)
        if (!operation.endsWith(told.id)) continue
        for (const key of Object.keys(told.metadata ?? {})) keys.add(key)
        if (told.status_code >= 200) break
      }
      deepEqual(
        [...keys].filter((key) => key.startsWith('create_image_from_')),
        [`create_image_from_${spoken.packProgressStage}_pack_progress`],
      )
    },
  },
]

/** The instance that may be published, and requests to its server. */
async function openInstance(context: CaseContext): Promise<{ ask: Ask; name: string }> {
  const { instance } = await context.instance()
  return { ask: await openAsk(context), name: instance }
}

function start(ask: Ask, source: object, more: object = {}): ReturnType<Ask> {
  return ask('POST', '/1.0/images', { json: { source: { type: 'instance', ...source }, ...more } })
}

/** The error of a failed publish, or '' if it succeeded. */
async function publish(ask: Ask, source: object, more?: object): Promise<string> {
  const started = await start(ask, source, more)
  return started.status === 202 ? (await settle(ask, started)).err : tell(started)
}
