/** What a client sees of the images of one project. What it does not see is not absent. */
export interface View {
  /**
   * - `everything`: each image and each alias
   * - `images`: each image, and an alias where its image is read; asked for by its name it is "not found"
   * - `part`: what the permissions of this client show
   * - `public`: what everybody sees
   */
  sees: 'everything' | 'images' | 'part' | 'public'
  /** Why not everything: `the server does not trust this client: its certificate 1a2b… expired on 2026-01-31`. */
  reason: string
  /** What helps: `make a new one, and enrol it`. */
  remedy: string
  /** Whether nothing else was asked for: the client shows nothing by which a server could know it. */
  stranger: boolean
}
