import * as v from 'valibot'
import { isDigest } from './image-name.ts'

/** The media types of indexes, which list a manifest for each architecture, and of manifests. */
export const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
] as const
export const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
] as const

const digest = v.pipe(v.string(), v.check(isDigest, 'must be "sha256:" and 64 hex digits'))

export const indexSchema = v.looseObject({
  manifests: v.array(
    v.looseObject({
      digest,
      platform: v.nullish(
        v.looseObject({ architecture: v.string(), os: v.string(), variant: v.nullish(v.string(), '') }),
      ),
    }),
  ),
})

export const manifestSchema = v.looseObject({
  config: v.looseObject({ digest }),
  layers: v.array(v.looseObject({ digest, size: v.number() })),
})

export const configSchema = v.looseObject({
  architecture: v.nullish(v.string(), ''),
  created: v.nullish(v.string(), ''),
})

export const tagsSchema = v.looseObject({ tags: v.nullish(v.array(v.string()), []) })
export const catalogueSchema = v.looseObject({ repositories: v.nullish(v.array(v.string()), []) })

export type Index = v.InferOutput<typeof indexSchema>
export type Manifest = v.InferOutput<typeof manifestSchema>
