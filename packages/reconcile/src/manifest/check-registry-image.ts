import { isDigest } from '@hyperkit/core/parts'
import type { WrittenImage, WrittenOverride } from './image-schema.ts'
import type { Path } from './read-value.ts'

type Complain = (path: Path, message: string) => void
type Attributes = Pick<WrittenOverride, 'properties' | 'autoUpdate'>

/** Checks what an image of a registry cannot have, if its source says that it is one: another mark of its kind, and updates without a tag. */
export function checkRegistryImage(
  image: WrittenImage,
  path: Path,
  defaults: Attributes | undefined,
  complain: Complain,
): void {
  const { source } = image
  if (source?.protocol !== 'oci') return
  const check = (attributes: Attributes, at: Path): void => {
    const type = attributes.properties?.type
    if (type !== undefined && type !== 'oci')
      complain(
        [...at, 'properties', 'type'],
        `property "type" cannot be ${JSON.stringify(type)} for image "${image.name}" of a registry: its value "oci" is how servers know such an image and how to start it; remove "type"`,
      )
    if (attributes.autoUpdate === true && isDigest(source.alias?.split('@')[1] ?? ''))
      complain(
        [...at, 'autoUpdate'],
        `"autoUpdate" would update nothing: the alias of image "${image.name}" ends in a digest, which always names the same image; name a tag, or set "autoUpdate: false"`,
      )
  }
  check(image, path)
  for (const [server, override] of Object.entries(image.overrides ?? {}))
    check(override, [...path, 'overrides', server])
  if (defaults !== undefined) check(withoutSet(defaults, image), ['defaults'])
}

/** What an image does not set itself. */
function withoutSet({ properties, autoUpdate }: Attributes, image: Attributes): Attributes {
  return {
    ...(image.properties?.type === undefined ? { properties } : {}),
    ...(image.autoUpdate === undefined ? { autoUpdate } : {}),
  }
}
