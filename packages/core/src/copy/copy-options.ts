import type { ImageAttributes } from '../images/image-attributes.ts'
import type { ImageType } from '../model/image.ts'
import type { Progress } from '../model/progress.ts'

/** Who moves the bytes: the target, the source, or this process in between. */
export type CopyMode = 'pull' | 'push' | 'relay'

/** How an image is copied, and what the copy is to have; what is not named is kept as it is on the source. */
export interface CopyImageOptions extends Omit<ImageAttributes, 'filename'> {
  /** Also cancels the servers' own work, where they can. */
  signal?: AbortSignal | undefined
  /** One way only; `auto` tries pull, then push, then relay, and with `autoUpdate` nothing but pull. @default 'auto' */
  mode?: CopyMode | 'auto' | undefined
  /** Gives the copy the source's aliases too, with their descriptions. @default false */
  copyAliases?: boolean | undefined
  /**
   * Of `createSecret()` of somebody whom the source trusts, for a private image of a source that does not trust this client;
   * the reference is its fingerprint then. Good for 5 seconds after its first use here, in which the transfer must begin.
   */
  secret?: string | undefined
  /** The source's own certificate, PEM, for the target to know it by. @default what the source tells, which it tells to whom it trusts */
  certificate?: string | undefined
  /** Where one alias names a container and a virtual machine. */
  imageType?: ImageType | undefined
  /**
   * Milliseconds for which one server may try to reach the other before the next way is tried. LXD and Incus themselves give
   * up connecting after 10 seconds, and wait longer for a server that accepts and then hangs.
   * @default 15000
   */
  patience?: number | undefined
  /**
   * Called with a sentence for what goes wrong although the copy is made, as that of `images.upload` is, and for a server that goes on
   * waiting for the other one after it was given up.
   */
  onWarning?: ((message: string) => void) | undefined
  /** Stages as the server that downloads calls them, or `relay`. */
  onProgress?: ((progress: Progress) => void) | undefined
}
