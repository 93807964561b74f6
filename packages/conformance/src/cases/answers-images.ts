import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { type Ask, fillWords, foretell, openAsk, tell } from '../harness/ask.ts'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'

const topic = 'answers: images'

export const cases: ConformanceCase[] = [
  {
    name: 'a missing image and a missing project are reported in this version’s words',
    topic,
    async run(context) {
      const { spoken, unique } = context
      const ask = await openAsk(context)
      const missing = (id: string) => `404 ${fillWords(spoken.missingImage, id)}`
      const told = async (path: string) => tell(await ask('GET', `/1.0/images/${path}`))
      const id = '0'.repeat(12)
      equal(await told(id), missing(id))
      const short = '400 Image fingerprint prefix must contain 12 characters or more'
      equal(await told('0000'), spoken.imageIds === 'hex' ? short : missing('0000'))
      const other = 'x'.repeat(12)
      equal(await told(other), spoken.imageIds === 'hex' ? `400 ${spoken.imageIdNotHex}` : missing(other))
      const noProject = `404 ${spoken.unknownProject}`
      equal(await told(`aliases?project=${unique('absent')}`), noProject)
      equal(
        await told(`${id}?project=${unique('absent')}`),
        spoken.missingProjectIsImage ? missing(id) : noProject,
      )
      equal(
        tell(await ask('PATCH', `/1.0/images/${id}`, { json: {} })),
        `404 ${fillWords(spoken.missingImageToChange, 'default')}`,
      )
    },
  },
  {
    name: 'an image record has the fields of this version',
    topic,
    async run(context) {
      const { spoken } = context
      const { fingerprint } = await context.uploaded()
      const { metadata } = await (await openAsk(context))('GET', `/1.0/images/${fingerprint}`)
      deepEqual(
        [metadata.project, metadata.locations],
        [spoken.imageHasProject ? 'default' : undefined, spoken.imageLocations ? ['none'] : undefined],
      )
      equal(metadata.expires_at, spoken.noExpiry)
    },
  },
  {
    name: 'the server lists the images of all projects with their projects, without them, or not at all, as this version does',
    topic,
    async run(context) {
      const { spoken } = context
      const { ask, project, fingerprint } = await setUp(context)
      const { metadata } = await ask('GET', '/1.0/images?all-projects=true')
      const url = `/1.0/images/${fingerprint}`
      const expected = {
        ignored: undefined,
        'plain-urls': url,
        'urls-with-project': `${url}?project=${project}`,
      }
      equal(
        metadata.find((one: string) => one.includes(fingerprint)),
        expected[spoken.imagesOfAllProjects],
      )
    },
  },
  {
    name: 'a list requested with recursion=-1 holds whole objects or URLs, depending on the version',
    topic,
    async run(context) {
      const { ask, project } = await setUp(context)
      const { metadata } = await ask('GET', `/1.0/images?project=${project}&recursion=-1`)
      equal(typeof metadata[0], context.spoken.negativeRecursion ? 'object' : 'string')
    },
  },
  {
    name: 'T25: the order of a list is random or stable, depending on the version',
    topic,
    async run(context) {
      const { client, imageFile, spoken } = context
      const { ask, project } = await setUp(context)
      for (let count = 0; count < 5; count++) {
        const { source, fingerprint } = await imageFile()
        await client.project(project).images.upload(source, { fingerprint })
      }
      const orders = new Set<string>()
      for (let count = 0; count < 12; count++)
        orders.add(JSON.stringify((await ask('GET', `/1.0/images?project=${project}`)).metadata))
      equal(orders.size > 1, spoken.randomOrder)
    },
  },
  {
    name: 'T26: a filter compares only texts, or also flags and lists, depending on the version',
    topic,
    async run(context) {
      const { spoken } = context
      const { ask, project } = await setUp(context)
      const find = async (filter: string): Promise<number | string> => {
        const path = `/1.0/images?project=${project}&filter=${encodeURIComponent(filter)}`
        const answer = await ask('GET', path)
        return answer.status === 200 ? answer.metadata.length : tell(answer)
      }
      const known = { text: 0, scalars: 1, all: 1 }
      equal(await find('public eq false'), known[spoken.filterTypes])
      const lists = {
        text: 0,
        scalars: '500 Invalid type "slice" for field "profiles"',
        all: `500 ${spoken.filterValueFailure}invalid character 'x' looking for beginning of value`,
      }
      equal(await find('profiles eq x'), lists[spoken.filterTypes])
    },
  },
  {
    name: 'T3: a filter on alias names fails with an error or closes the connection, depending on the version',
    topic,
    async run(context) {
      const { client, spoken, unique } = context
      const { ask, project, fingerprint } = await setUp(context)
      await client.project(project).aliases.create(unique('named'), { target: fingerprint })
      const path = `/1.0/images?project=${project}&filter=${encodeURIComponent('aliases.name eq x')}`
      if (spoken.filterPanics) await rejects(ask('GET', path))
      else equal((await ask('GET', path)).status, 500)
    },
  },
  {
    name: 'an export has the headers of this version, and a request for several ranges gets parts or the whole file',
    topic,
    async run(context) {
      const { spoken } = context
      const { fingerprint } = await context.uploaded()
      const ask = await openAsk(context)
      const path = `/1.0/images/${fingerprint}/export`
      const { headers } = await ask('GET', path)
      equal(headers.get('x-incus-type'), spoken.exportHeaders['x-incus-type'] ?? null)
      const ranges = await ask('GET', path, { headers: { range: 'bytes=0-1,4-5' } })
      equal(ranges.status, spoken.severalRanges === 'multipart' ? 206 : 200)
    },
  },
  {
    name: 'T24: the answer to a range past the end is complete, or announces the length of the whole file and breaks off',
    topic,
    async run(context) {
      const { fingerprint, size } = await context.uploaded()
      const ask = await openAsk(context)
      const path = `/1.0/images/${fingerprint}/export`
      const answer = ask('GET', path, { headers: { range: `bytes=${size + 10}-` } })
      if (context.spoken.rangeErrorLies) await rejects(answer)
      else equal((await answer).status, 416)
    },
  },
  {
    name: 'a change with a stale ETag or an unknown profile is refused in this version’s words',
    topic,
    async run(context) {
      const { spoken, unique } = context
      const { fingerprint } = await context.uploaded()
      const ask = await openAsk(context)
      const path = `/1.0/images/${fingerprint}`
      const late = await ask('PUT', path, { json: {}, headers: { 'if-match': 'old' } })
      equal(late.status, 412)
      const { etagMismatch, etagAdvice } = spoken
      ok(late.error.startsWith(etagMismatch) && late.error.endsWith(etagAdvice), late.error)
      match(late.error.slice(etagMismatch.length, late.error.length - etagAdvice.length), /^\S+ vs \S+$/)
      const profile = unique('absent')
      equal(
        tell(await ask('PUT', path, { json: { profiles: [profile] } })),
        foretell(spoken.unknownProfile, profile),
      )
    },
  },
  {
    name: 'T59: the server takes public images in every project, or in "default" only and refuses others when the upload ends',
    topic,
    async run(context) {
      const { spoken, imageFile, makeProject } = context
      const { path: file } = await imageFile()
      const ask = await openAsk(context)
      const path = `/1.0/images?project=${await makeProject()}`
      const uploaded = await ask('POST', path, {
        body: await readFile(file),
        headers: { [`${spoken.headerPrefix}public`]: '1' },
      })
      const refusal = '400 Images can only be marked public in the default project'
      equal(tell(uploaded), spoken.publicInDefaultOnly ? refusal : '202')
      if (uploaded.operation) await ask('GET', `${uploaded.operation}/wait?timeout=30`)
    },
  },
  {
    name: 'a new project has the features of this version; a taken project name and deleting a project with images are refused',
    topic,
    async run(context) {
      const { spoken, unique } = context
      const ask = await openAsk(context)
      const featuresOf = async (name: string): Promise<string[]> => {
        const { metadata } = await ask('GET', `/1.0/projects/${name}`)
        const keys = Object.keys(metadata.config).filter((key) => key.startsWith('features.'))
        return keys.map((key) => key.slice('features.'.length)).sort()
      }
      const name = unique('project')
      const json = { name }
      equal(tell(await ask('POST', '/1.0/projects', { json })), '201')
      context.cleanup(() => ask('DELETE', `/1.0/projects/${name}`))
      deepEqual(await featuresOf(name), [...spoken.projectFeatures].sort())
      deepEqual(await featuresOf('default'), [...spoken.defaultProjectFeatures].sort())
      equal(tell(await ask('POST', '/1.0/projects', { json })), foretell(spoken.duplicateProject, name))
      const { project } = await setUp(context)
      const refused = await ask('DELETE', `/1.0/projects/${project}`)
      equal(refused.error, spoken.projectInUse)
    },
  },
]

/** A project with one image. */
async function setUp(context: CaseContext): Promise<{ ask: Ask; project: string; fingerprint: string }> {
  const { client, imageFile, makeProject } = context
  const project = await makeProject()
  const { source, fingerprint } = await imageFile()
  await client.project(project).images.upload(source, { fingerprint })
  return { ask: await openAsk(context), project, fingerprint }
}
