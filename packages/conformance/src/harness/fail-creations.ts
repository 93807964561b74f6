/** Wraps an answer of a server, as `faults` of an embedded one do. */
export type Fault = (request: Request, answer: () => Promise<Response>) => Promise<Response>

/** A server that calls creations failed whose images are there. */
export interface FailedCreations {
  faults: Fault
  /** What the server says of them; undefined while it tells the truth. */
  words: string | undefined
}

/** As a cluster of LXD 6.9, whose members do not take copies of an image that one of them has, whole (T77). */
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
