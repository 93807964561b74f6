import * as v from 'valibot'

/**
 * An optional key with its meaning, which editors and docs/manifest.md show. If the key has a default, the last sentence of
 * the meaning is `Default: …`.
 */
export function optionalKey<const TSchema extends v.GenericSchema>(
  schema: TSchema,
  meaning: string,
): v.OptionalSchema<
  v.SchemaWithPipe<readonly [TSchema, v.DescriptionAction<v.InferOutput<TSchema>, string>]>,
  undefined
> {
  return v.optional(v.pipe(schema, v.description(meaning)))
}
