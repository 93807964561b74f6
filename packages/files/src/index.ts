export { type Fingerprint, type FingerprintOptions, fingerprintOf } from './fingerprint/fingerprint-of.ts'
export type { ImageFiles, SplitImageFiles } from './disk/image-files.ts'
export { type CheckImageFilesOptions, checkImageFiles } from './metadata/check-image-files.ts'
export {
  type ImageMetadata,
  type ReadMetadataOptions,
  readMetadataYaml,
} from './metadata/read-metadata-yaml.ts'
export { DamagedFileError } from './integrity/damaged-file-error.ts'
export type { SaveTarget } from './save/places.ts'
export type { ImageReference } from './save/resolve-reference.ts'
export {
  type SavedImage,
  type SavedSplitImage,
  type SavedUnifiedImage,
  type SaveImageOptions,
  saveImage,
} from './save-image.ts'
export { type SharedImage, type ShareImageOptions, shareImage } from './share-image.ts'
export { type UploadImageOptions, uploadImage } from './upload-image.ts'
