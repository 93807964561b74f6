import * as v from 'valibot'

// A field that is null is absent, as it is for LXD and Incus.
const text = v.nullish(v.string(), '')

const recordOf = <const Schema extends v.GenericSchema>(schema: Schema) =>
  v.nullish(
    v.pipe(
      v.record(v.string(), v.nullable(schema)),
      v.transform(
        (given) =>
          Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)) as Record<
            string,
            v.InferOutput<Schema>
          >,
      ),
    ),
    {},
  )

/** `streams/v1/index.json`, which names the lists of products. */
export const indexSchema = v.looseObject({
  index: v.record(v.string(), v.unknown()),
})

/** One list of the index. */
export const listSchema = v.looseObject({
  datatype: text,
  path: text,
  products: v.nullish(v.array(v.string())),
})

const itemSchema = v.looseObject({
  ftype: text,
  path: text,
  sha256: text,
  size: v.nullish(v.number(), 0),
  combined_sha256: text,
  combined_rootxz_sha256: text,
  combined_squashfs_sha256: text,
  'combined_disk-kvm-img_sha256': text,
  'combined_disk1-img_sha256': text,
  'combined_uefi1-img_sha256': text,
  combined_type: text,
})

const versionSchema = v.looseObject({
  label: text,
  items: recordOf(itemSchema),
})

export const productSchema = v.looseObject({
  aliases: text,
  arch: text,
  os: text,
  release: text,
  release_title: text,
  version: text,
  variant: text,
  support_eol: v.nullish(v.string()),
  requirements: recordOf(v.string()),
  versions: recordOf(versionSchema),
})

/** A list of products, each in several versions, each of several files. Each product is checked by itself. */
export const productsSchema = v.looseObject({ products: v.record(v.string(), v.unknown()) })

export type Product = v.InferOutput<typeof productSchema>
export type ProductVersion = v.InferOutput<typeof versionSchema>
export type ProductItem = v.InferOutput<typeof itemSchema>
