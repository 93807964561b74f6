import { boundaryOf, chunksOf, readMultipart } from '@hyperkit/core/parts'

/** The parts of a split export. `Response.formData` refuses the daemons' bodies, which are closed twice. */
export async function readParts(
  response: Response,
): Promise<{ name: string; filename: string; bytes: Buffer }[]> {
  const boundary = boundaryOf(response.headers.get('content-type')) ?? ''
  const parts: { name: string; filename: string; bytes: Buffer }[] = []
  const body = response.body ?? new ReadableStream<Uint8Array>()
  for await (const { name, filename = '', body: chunks } of readMultipart(chunksOf(body), boundary)) {
    const held: Uint8Array[] = []
    for await (const chunk of chunks) held.push(chunk)
    parts.push({ name, filename, bytes: Buffer.concat(held) })
  }
  return parts
}
