/** The free space where a server stores images, as far as this client can see it. */
export type ImageSpace =
  /** The pool of `storage.images_volume`. */
  | { status: 'seen'; pool: string; free: number }
  /** A `dir` pool beside the images, in the directory of the server: usually on the same disk. */
  | { status: 'likely'; pool: string; free: number }
  | { status: 'hidden'; why: string }
