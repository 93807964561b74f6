import * as v from 'valibot'

/**
 * A key that may be left out, and what it means: editors show it, and docs/manifest.md has it. What holds where the key is
 * left out is the last sentence, `Default: …`, if there is something to say.
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
