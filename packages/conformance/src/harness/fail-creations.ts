/** Wraps an answer of a server, like the `faults` of an embedded one. */
export type Fault = (request: Request, answer: () => Promise<Response>) => Promise<Response>

/** A server that reports creations as failed although their images exist. */
export interface FailedCreations {
  faults: Fault
  /** The error that the server reports; undefined as long as it reports the truth. */
  words: string | undefined
}

/** Like a cluster of LXD 6.9, in which the copies to the other members fail (T77). */
export function failCreations(): FailedCreations {
  const failed: FailedCreations = {
    words: undefined,
    async faults(request, answer) {
      const given = await answer()
      const { pathname } = new URL(request.url)
      if (failed.words === undefined || !/^\/1\.0\/operations\/[^/]+(\/wait)?$/.test(pathname)) return given
      const said = (await given.clone().json()) as { metadata?: Record<string, unknown> | null }
      const { status_code: code, class: kind } = said.metadata ?? {}
      if (code !== 200 || kind !== 'task') return given
      const metadata = { ...said.metadata, status: 'Failure', status_code: 400, err: failed.words }
      return Response.json({ ...said, metadata }, { status: given.status })
    },
  }
  return failed
}
