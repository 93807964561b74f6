import { boundaryOf, readMultipart } from '../src/multipart/read-multipart.ts'

/** The parts of a split export. `Response.formData` refuses the daemons' bodies, which are closed twice. */
export async function readParts(
  response: Response,
): Promise<{ name: string; filename: string; bytes: Buffer }[]> {
  const boundary = boundaryOf(response.headers.get('content-type')) ?? ''
  const parts: { name: string; filename: string; bytes: Buffer }[] = []
  for await (const { name, filename, body } of readMultipart(
    response.body ?? new ReadableStream(),
    boundary,
  )) {
    const chunks: Uint8Array[] = []
    for await (const chunk of body) chunks.push(chunk)
    parts.push({ name, filename, bytes: Buffer.concat(chunks) })
  }
  return parts
}
