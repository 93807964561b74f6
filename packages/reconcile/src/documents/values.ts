import * as v from 'valibot'
import { fingerprintPattern } from '../identity/fingerprint-to-come.ts'

/** What stands in many documents. */
export const count = v.pipe(v.number(), v.integer(), v.minValue(0))
export const nullableText = v.nullable(v.string())
export const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))

/** The manifest that a document is about. */
export const manifestKey = v.strictObject({
  file: v.pipe(v.string(), v.description('As it was given; several are joined by ", ".')),
  name: v.pipe(v.string(), v.description('The name that the manifest gives itself.')),
})

/** An image of the manifest, with the content that is meant. */
export const ofImage = {
  image: v.pipe(v.string(), v.description("The image's name in the manifest.")),
  fingerprint: v.pipe(
    v.string(),
    v.regex(fingerprintPattern),
    v.description(
      '64 hex digits; or `after-apply:SERVER/…`, which stands for the fingerprint of an image that is still to be published.',
    ),
  ),
}
