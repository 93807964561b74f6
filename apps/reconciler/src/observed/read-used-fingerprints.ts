import { type Client, TransportError } from '@hyperkit/core'
import * as v from 'valibot'

const instances = v.array(v.looseObject({ config: v.nullish(v.record(v.string(), v.string())) }))

/** Fingerprints of the images that instances of the server were made from, those of all projects where it can be asked. */
export async function readUsedFingerprints(
  client: Client,
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<string>> {
  const { apiExtensions } = await client.server({ signal })
  const answer = await client.request({
    method: 'GET',
    path: '/1.0/instances',
    query: {
      recursion: '1',
      ...(apiExtensions.has('instance_all_projects') ? { 'all-projects': 'true' } : {}),
    },
    action: 'list instances',
    signal,
  })
  const result = v.safeParse(instances, answer.metadata ?? [])
  if (!result.success)
    throw new TransportError(
      'unexpected-answer',
      `Cannot list instances of "${client.name}": the answer is not a list of instances`,
      { server: client.name },
    )
  return new Set(
    result.output.flatMap(({ config }) => {
      const image = config?.['volatile.base_image']
      return image === undefined ? [] : [image]
    }),
  )
}
