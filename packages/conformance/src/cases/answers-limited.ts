import { deepEqual, equal } from 'node:assert/strict'
import { fillWords, foretell, openAsk, tell } from '../harness/ask.ts'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { enrolRestricted } from '../harness/meet.ts'
import { tellHandshake } from '../harness/open-messages.ts'

const topic = 'answers: limited clients'

export const cases: ConformanceCase[] = [
  {
    name: 'a client restricted to one project gets this version’s answers about another project',
    topic,
    async run(context) {
      const { spoken, unique } = context
      const { guest, own, foreign, fingerprint, tokens } = await setUp(context)
      const here = async (method: string, path: string, json?: unknown): Promise<string> =>
        tell(await guest(method, `${path}?project=${foreign}`, json === undefined ? {} : { json }))
      const expected = (outcome: Parameters<typeof foretell>[0]) => foretell(outcome, foreign)
      equal(await here('GET', '/1.0/images'), expected(spoken.foreignImages))
      equal(await here('GET', '/1.0/images/aliases'), expected(spoken.foreignAliases))
      equal(await here('GET', '/1.0/instances'), expected(spoken.foreignLists))
      equal(await here('GET', '/1.0/profiles'), expected(spoken.foreignLists))
      equal(await here('GET', '/1.0/operations'), expected(spoken.foreignOperations))
      const { metadata } = await guest('GET', `/1.0/operations?project=${foreign}`)
      equal(JSON.stringify(metadata ?? {}).includes(tokens.foreign), spoken.foreignOperations === 'shown')
      const alias = { name: unique('alias'), target: fingerprint }
      equal(await here('POST', '/1.0/images/aliases', alias), expected(spoken.foreignAliasCreation))
      equal(await here('PATCH', `/1.0/images/${fingerprint}`, {}), expected(spoken.foreignAccess))
      equal(tell(await guest('GET', `/1.0/projects/${foreign}`)), expected(spoken.foreignProject))
      equal(
        await tellHandshake(context, `project=${foreign}`, { certificate: guest.certificate }),
        expected(spoken.foreignEvents),
      )
      equal(tell(await guest('GET', `/1.0/projects/${own}`)), '200')
    },
  },
  {
    name: 'a client restricted to one project gets this version’s answers about all projects',
    topic,
    async run(context) {
      const { client, spoken } = context
      const { guest, foreign, tokens } = await setUp(context)
      const hidden = await context.uploaded()
      const images = await guest('GET', '/1.0/images?all-projects=true')
      equal(tell(images), foretell(spoken.restrictedAllImages))
      equal(
        JSON.stringify(images.metadata ?? []).includes(hidden.fingerprint),
        spoken.restrictedAllImages === 'own-and-all-of-default',
      )
      equal(
        tell(await guest('GET', '/1.0/instances?all-projects=true')),
        foretell(spoken.restrictedAllInstances),
      )
      const operations = await guest('GET', '/1.0/operations?all-projects=true')
      const seen = { ignored: [false, false], own: [true, false], all: [true, true] }
      deepEqual(
        [tokens.own, tokens.foreign].map((id) => JSON.stringify(operations.metadata ?? {}).includes(id)),
        seen[spoken.operationsOfAllProjects],
      )
      const certificates = await guest('GET', '/1.0/certificates')
      equal(certificates.metadata.length > 1, spoken.restrictedCertificates === 'all')
      equal(tell(await guest('GET', tokens.foreign)), foretell(spoken.foreignOperation, foreign))
      const { operation } = await client.certificates.createToken(context.unique('token'))
      context.cleanup(() => operation.cancel())
      const { certificate } = await enrolRestricted(context, ['default'])
      const neighbour = await openAsk(context, { certificate })
      equal(
        tell(await neighbour('GET', `/1.0/operations/${operation.id}`)),
        foretell(spoken.restrictedReadsTokens),
      )
    },
  },
  {
    name: 'an untrusted client gets this version’s answers about private images and other projects',
    topic,
    async run(context) {
      const { client, spoken, makeProject, imageFile, uploaded } = context
      const project = await makeProject()
      const { source, fingerprint } = await imageFile()
      const options = { fingerprint, public: !spoken.publicInDefaultOnly }
      await client.project(project).images.upload(source, options)
      const ask = await openAsk(context, { certificate: null })
      const foreign = spoken.untrustedForeignImage
        ? '200'
        : `404 ${fillWords(spoken.missingImage, fingerprint)}`
      equal(tell(await ask('GET', `/1.0/images/${fingerprint}?project=${project}`)), foreign)
      equal(
        tell(await ask('GET', `/1.0/images?project=${project}`)),
        foretell(spoken.untrustedForeignImages, project),
      )
      equal(
        tell(await ask('GET', '/1.0/images?all-projects=true')),
        foretell(spoken.untrustedAllProjects, project),
      )
      const hidden = await uploaded()
      const start = hidden.fingerprint.slice(0, 20)
      const revealed = `Image "${hidden.fingerprint}" not found`
      const words = spoken.revealsFingerprint ? revealed : fillWords(spoken.missingImage, start)
      equal(tell(await ask('GET', `/1.0/images/${start}`)), `404 ${words}`)
    },
  },
]

/** A client restricted to the project `own`, and another project `foreign`; each has an image with an unused download token. */
async function setUp(context: CaseContext) {
  const { client, imageFile, makeProject } = context
  const [own, foreign] = [await makeProject(), await makeProject()]
  const { certificate } = await enrolRestricted(context, [own])
  const { source, fingerprint } = await imageFile()
  const admin = await openAsk(context)
  const makeToken = async (project: string): Promise<string> => {
    await client.project(project).images.upload(source, { fingerprint })
    const { operation } = await admin('POST', `/1.0/images/${fingerprint}/secret?project=${project}`)
    context.cleanup(() => admin('DELETE', operation))
    return operation
  }
  const tokens = { own: await makeToken(own), foreign: await makeToken(foreign) }
  const guest = Object.assign(await openAsk(context, { certificate }), { certificate })
  return { guest, own, foreign, fingerprint, tokens }
}
