import * as v from 'valibot'

const text = v.optional(v.string(), '')

/** `streams/v1/index.json`, which names the lists of products. */
export const indexSchema = v.looseObject({
  index: v.record(
    v.string(),
    v.looseObject({ datatype: text, path: text, products: v.nullish(v.array(v.string())) }),
  ),
})

const itemSchema = v.looseObject({
  ftype: text,
  path: text,
  sha256: text,
  size: v.optional(v.number(), 0),
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
  items: v.optional(v.record(v.string(), itemSchema), {}),
})

const productSchema = v.looseObject({
  aliases: text,
  arch: text,
  os: text,
  release: text,
  release_title: text,
  version: text,
  variant: text,
  support_eol: v.nullish(v.string()),
  requirements: v.nullish(v.record(v.string(), v.string())),
  versions: v.optional(v.record(v.string(), versionSchema), {}),
})

/** A list of products, each in several versions, each of several files. */
export const productsSchema = v.looseObject({ products: v.record(v.string(), productSchema) })

export type Product = v.InferOutput<typeof productSchema>
export type ProductVersion = v.InferOutput<typeof versionSchema>
export type ProductItem = v.InferOutput<typeof itemSchema>
