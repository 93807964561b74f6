import * as v from 'valibot'
import { fingerprintPattern } from '../identity/fingerprint-to-come.ts'

/** A schema with the sentence that its JSON Schema and the page of documents show. */
export function described<const Schema extends v.GenericSchema>(
  schema: Schema,
  sentence: string,
): v.SchemaWithPipe<readonly [Schema, v.DescriptionAction<v.InferOutput<Schema>, string>]> {
  return v.pipe(schema, v.description(sentence))
}

/** What many documents contain. */
export const count = v.pipe(v.number(), v.integer(), v.minValue(0))
export const nullableText = v.nullable(v.string())
export const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
export const serverName = described(v.string(), "The server's name in the manifest.")
export const imageName = described(v.string(), "The image's name in the manifest.")

/** The manifest that a document is about. */
export const manifestKey = described(
  v.strictObject({
    file: described(v.string(), 'Its path as it was given; several are joined by ", ".'),
    name: described(v.string(), 'The `name` of the manifest.'),
  }),
  'The manifest that the document is about.',
)

/** An image of the manifest with its fingerprint. */
export const ofImage = {
  image: imageName,
  fingerprint: described(
    v.pipe(v.string(), v.regex(fingerprintPattern)),
    '64 hex digits, or `after-apply:SERVER/…` as a placeholder for the fingerprint of an image that has not been published yet.',
  ),
}
