/** `--seed N`: the same number gives the same run. @default another one each time */
export const seedOption = {
  seed: { type: 'string', default: String(Date.now() % 1_000_000) },
} as const

/** Something that repeats for long, to find what happens rarely. */
export interface Soak {
  /** One sentence that says what it shows. */
  summary: string
  /** Its options, as a person types them. */
  usage: string
  /**
   * Runs it and prints what it has found.
   *
   * @returns whether all promises held
   */
  run(args: readonly string[]): Promise<boolean>
}
