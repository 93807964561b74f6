/** Options of `findImage` and `findStreamImage`. */
export interface FindImageOptions {
  signal?: AbortSignal | undefined
  /** Finds only images of virtual machines. @default false */
  vm?: boolean | undefined
}
