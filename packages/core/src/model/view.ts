/** What a client sees of the images of one project. An image that it does not see may exist nevertheless. */
export interface View {
  /**
   * - `everything`: all images and all aliases
   * - `images`: all images, and their aliases in the records of the images; an alias asked for by its name is "not found"
   * - `part`: what the permissions of this client allow
   * - `public`: what everybody sees
   */
  sees: 'everything' | 'images' | 'part' | 'public'
  /** Why it does not see everything: `the server does not trust this client: its certificate 1a2b… expired on 2026-01-31`. */
  reason: string
  /** What to do about it: `make a new one, and enrol it`. */
  remedy: string
  /** Whether the client is a stranger on purpose: it presents nothing by which a server could recognize it. */
  stranger: boolean
}
