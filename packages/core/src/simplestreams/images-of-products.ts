import type { ImageType } from '../model/image.ts'
import { architectureName } from './architecture-names.ts'
import type { Product, ProductItem, ProductVersion } from './products.ts'
import type { StreamFile, StreamImage } from './stream-image.ts'

const kinds = ['lxd', 'incus'] as const

/** The root file systems by preference, and the fields of the metadata's entry with the fingerprint of both files together. */
export const rootfsKinds: readonly {
  ftype: string
  type: ImageType
  combined: readonly (keyof ProductItem)[]
}[] = [
  { ftype: 'squashfs', type: 'container', combined: ['combined_squashfs_sha256'] },
  { ftype: 'root.tar.xz', type: 'container', combined: ['combined_rootxz_sha256', 'combined_sha256'] },
  { ftype: 'disk-kvm.img', type: 'virtual-machine', combined: ['combined_disk-kvm-img_sha256'] },
  { ftype: 'uefi1.img', type: 'virtual-machine', combined: ['combined_uefi1-img_sha256'] },
  { ftype: 'disk1.img', type: 'virtual-machine', combined: ['combined_disk1-img_sha256'] },
]

/** An image with the names of its product. Which version gets the names is decided later, across all images. */
export interface ListedImage extends Omit<StreamImage, 'aliases'> {
  names: string[]
}

/**
 * The images of a list of products, by the rules of LXD and Incus (`shared/simplestreams`): what they skip is skipped here too.
 */
export function imagesOfProducts(products: Readonly<Record<string, Product>>): ListedImage[] {
  const images = new Map<string, ListedImage>()
  for (const product of Object.values(products)) {
    for (const [serial, version] of Object.entries(product.versions)) {
      for (const image of imagesOfVersion(product, serial, version)) {
        // LXD and Incus have separate entries, mostly for the same files.
        const same = images.get(image.fingerprint)
        if (same === undefined) images.set(image.fingerprint, image)
        else same.readBy = kinds.filter((kind) => same.readBy.includes(kind) || image.readBy.includes(kind))
      }
    }
  }
  return [...images.values()]
}

function* imagesOfVersion(product: Product, serial: string, version: ProductVersion): Generator<ListedImage> {
  const architecture = architectureName(product.arch)
  const createdAt = dateOf(`${serial.slice(0, 4)}-${serial.slice(4, 6)}-${serial.slice(6, 8)}`)
  if (architecture === undefined || createdAt === undefined) return
  const names = product.aliases.split(',').filter((name) => name !== '')
  const expiresAt = dateOf(product.support_eol ?? '')
  const items = Object.values(version.items)
  const describe = (
    kind: (typeof kinds)[number],
    fingerprint: string,
    type: ImageType,
    files: StreamFile[],
    ftype: string,
  ): ListedImage => ({
    fingerprint,
    type,
    architecture,
    serial,
    names,
    properties: propertiesOf(product, serial, version, ftype),
    size: files.reduce((sum, { size }) => sum + size, 0),
    filename: files[0]?.path.split('/').pop() ?? '',
    createdAt,
    expiresAt,
    readBy: [kind],
    files,
  })
  for (const kind of kinds) {
    for (const item of items) {
      if (item.path === '') continue
      if (item.ftype === `${kind}_combined.tar.gz` && isHash(item.sha256)) {
        const type = item.combined_type === 'virtual-machine' ? 'virtual-machine' : 'container'
        yield describe(kind, item.sha256, type, [fileOf('unified', item)], 'tar.gz')
      }
      if (item.ftype !== `${kind}.tar.xz`) continue
      for (const { ftype, type, combined } of rootfsKinds) {
        const rootfs = items.find((other) => other.ftype === ftype && other.path !== '')
        const fingerprint = combined.map((key) => String(item[key])).find(isHash)
        if (rootfs === undefined || fingerprint === undefined) continue
        yield describe(kind, fingerprint, type, [fileOf('metadata', item), fileOf('rootfs', rootfs)], ftype)
      }
    }
  }
}

function propertiesOf(
  product: Product,
  serial: string,
  { label }: ProductVersion,
  ftype: string,
): Record<string, string> {
  const { os, release, version, arch, variant, release_title } = product
  const notes = [variant === 'default' ? '' : variant, label, serial].filter((note) => note !== '')
  const all = {
    os,
    release,
    version,
    architecture: arch,
    label,
    serial,
    description: [`${os} ${release_title} ${arch}`, ...notes.map((note) => `(${note})`)].join(' '),
    variant,
    type: ftype,
    ...Object.fromEntries(
      Object.entries(product.requirements ?? {}).map(([key, value]) => [`requirements.${key}`, value]),
    ),
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))
}

function fileOf(name: StreamFile['name'], { path, sha256, size }: ProductItem): StreamFile {
  return { name, path, sha256, size }
}

function isHash(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text)
}

function dateOf(text: string): Date | undefined {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined
  return time === undefined || Number.isNaN(time.getTime()) ? undefined : time
}
