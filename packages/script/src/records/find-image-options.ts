/** Options of `findImage` and `findStreamImage`. */
export interface FindImageOptions {
  signal?: AbortSignal | undefined
  /** Only an image of a virtual machine will do. @default false */
  vm?: boolean | undefined
}
