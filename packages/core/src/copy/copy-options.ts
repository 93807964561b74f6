import type { ImageAttributes } from '../images/image-attributes.ts'
import type { ImageType } from '../model/image.ts'
import type { Progress } from '../model/progress.ts'

/** What moves the bytes: the target (`pull`), the source (`push`), or this process in between (`relay`). */
export type CopyMode = 'pull' | 'push' | 'relay'

/** How an image is copied, and which attributes the copy gets; those not named are kept as on the source. */
export interface CopyImageOptions extends Omit<ImageAttributes, 'filename'> {
  /** Also cancels the servers' own work, if they can do that. */
  signal?: AbortSignal | undefined
  /** One mode only; `auto` tries pull, then push, then relay, or with `autoUpdate` only pull. @default 'auto' */
  mode?: CopyMode | 'auto' | undefined
  /** Whether the copy also gets the source's aliases, with their descriptions. @default false */
  copyAliases?: boolean | undefined
  /**
   * A secret from `createSecret()` of a client that the source trusts, for a private image on a source that does not trust this
   * client; the reference must be its fingerprint then. The transfer must begin within 5 seconds of its first use here.
   */
  secret?: string | undefined
  /** The source's own certificate in PEM, by which the target recognizes it. @default what the source reports, to clients that it trusts */
  certificate?: string | undefined
  /** Chooses one if an alias points at a container and at a virtual machine. */
  imageType?: ImageType | undefined
  /**
   * Milliseconds in which one server must reach the other before the next mode is tried. LXD and Incus give up connecting after 10
   * seconds, but wait longer for a server that accepts the connection and then hangs.
   * @default 15000
   */
  patience?: number | undefined
  /**
   * Called with a sentence if something goes wrong although the copy is made, like that of `images.upload`, and if a server goes on
   * waiting for the other one after the attempt was given up.
   */
  onWarning?: ((message: string) => void) | undefined
  /** The stages have the names of the downloading server, or are `relay`. */
  onProgress?: ((progress: Progress) => void) | undefined
}
