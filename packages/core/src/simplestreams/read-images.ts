import type * as v from 'valibot'
import { TransportError } from '../errors/errors.ts'
import { readAs } from '../http/answer.ts'
import { readDocument } from '../http/read-document.ts'
import { fetchFile, type StreamPlace } from './fetch-file.ts'
import { imagesOfProducts } from './images-of-products.ts'
import { nameImages } from './name-images.ts'
import { indexSchema, listSchema, productSchema, productsSchema } from './products.ts'
import { readEach } from './read-each.ts'
import type { StreamImage } from './stream-image.ts'

/** What a stream has. */
export interface ReadImages {
  images: readonly StreamImage[]
  /** A sentence about each product, and each list, that could not be read. */
  problems: readonly string[]
}

/** All images of a stream, from its index and the lists that it names. */
export async function readImages(place: StreamPlace, signal: AbortSignal | undefined): Promise<ReadImages> {
  const { index } = await readJson(place, 'streams/v1/index.json', indexSchema, signal)
  const lists = readEach(listSchema, index)
  const wanted = Object.values(lists.entries).filter(
    ({ datatype, path, products }) => datatype === 'image-downloads' && path !== '' && products?.length !== 0,
  )
  const read = await Promise.all(
    wanted.map(async ({ path }) => {
      const { products } = await readJson(place, path.replace(/^\/+/, ''), productsSchema, signal)
      return readEach(productSchema, products)
    }),
  )
  const problems = [lists, ...read].flatMap((each) => each.problems)
  const [problem] = problems
  // Without a single product the stream is unreadable, and not empty.
  if (problem !== undefined && read.every(({ entries }) => Object.keys(entries).length === 0))
    throw new TransportError(
      'unexpected-answer',
      `Cannot list the images of "${place.name}": none of its products can be read: ${problem}`,
      { server: place.name },
    )
  return { images: nameImages(read.flatMap(({ entries }) => imagesOfProducts(entries))), problems }
}

async function readJson<const Schema extends v.GenericSchema>(
  place: StreamPlace,
  path: string,
  schema: Schema,
  signal: AbortSignal | undefined,
): Promise<v.InferOutput<Schema>> {
  const facts = {
    server: place.name,
    action: `read "${path}"`,
    request: { method: 'GET', path: `/${path}` },
  }
  const answer = await fetchFile(place, path, signal)
  const text = await readDocument(answer, { ...facts, signal, maxDocument: place.maxDocument })
  return readAs(schema, parse(text, answer, facts), facts)
}

function parse(text: string, { headers }: Response, facts: { server: string; action: string }): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const encoding = headers.get('content-encoding')
    const why =
      encoding === null
        ? `it is not JSON (${JSON.stringify(text.trim().slice(0, 100))})`
        : `it is encoded as ${JSON.stringify(encoding.slice(0, 100))}, which this client did not ask for`
    throw new TransportError(
      'unexpected-answer',
      `Cannot ${facts.action} of "${facts.server}": ${why}; is this the address of a simplestreams server?`,
      { server: facts.server, cause },
    )
  }
}
