/** The progress of a transfer or of the server's work, in numbers. */
export interface Progress {
  /** `upload`, or the server's name for the stage: `download`, `metadata`, `rootfs`, `pack`. */
  stage: string
  /** 0 to 100. */
  percent?: number
  bytes?: number
  totalBytes?: number
  bytesPerSecond?: number
}

const units: Record<string, number> = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 }

/**
 * The progress in an operation's metadata, which servers write as text: `rootfs: 45% (3.20MB/s)`,
 * `Image pack: 15% (2.66MB/s)`, `25% (8.05MB/s)`, or as `progress: { stage, percent, processed, speed }`, numbers in quotes,
 * or both (LXD 6.8 and newer, whose stage is `download` for each part of an image; the text names the part).
 */
export function readProgress(metadata: Record<string, unknown>): Progress | undefined {
  const text = readText(metadata)
  const structured = metadata.progress
  if (structured !== null && typeof structured === 'object') {
    const { stage, percent, speed, processed } = structured as Record<string, unknown>
    return withNumbers(
      text?.stage ?? stageName(String(stage ?? '')),
      numberOf(percent),
      numberOf(speed),
      numberOf(processed),
    )
  }
  return text
}

function readText(metadata: Record<string, unknown>): Progress | undefined {
  for (const [key, value] of Object.entries(metadata)) {
    if (!key.endsWith('_progress') || typeof value !== 'string') continue
    // Incus 7 counts nothing while it gets an image of a registry, which it cannot cancel.
    if (/^(?:Retrieving|Unpacking) (?:the )?OCI image/.test(value)) return { stage: 'registry' }
    const match =
      /^(?:(?<stage>[^:]+): )?(?:(?<percent>\d+(?:\.\d+)?)%|(?<bytes>[\d.]+)(?<unit>[kMGT]?B))(?: \((?<rate>[\d.]+)(?<per>[kMGT]?B)\/s\))?/.exec(
        value,
      )
    if (!match?.groups) continue
    const { stage, percent, bytes, unit, rate, per } = match.groups
    return withNumbers(
      stageName(stage ?? key.slice(0, -'_progress'.length)),
      numberOf(percent),
      scaled(rate, per),
      scaled(bytes, unit),
    )
  }
  return undefined
}

function stageName(text: string): string {
  if (/pack$/i.test(text)) return 'pack'
  return text.toLowerCase() || 'process'
}

function withNumbers(stage: string, percent?: number, bytesPerSecond?: number, bytes?: number): Progress {
  return {
    stage,
    // Servers can count past the end (canonical/lxd#5503: `979531264%`).
    ...(percent === undefined ? {} : { percent: Math.min(100, Math.max(0, percent)) }),
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
    ...(bytes === undefined ? {} : { bytes }),
  }
}

function numberOf(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const number = Number(value)
  return Number.isFinite(number) ? number : undefined
}

function scaled(value: string | undefined, unit: string | undefined): number | undefined {
  const number = numberOf(value)
  return number === undefined ? undefined : Math.round(number * (units[(unit ?? 'B').toLowerCase()] ?? 1))
}

/** The progress of an upload whose bytes this process only passes on. */
export function relayed(progress: Progress): Progress {
  return progress.stage === 'upload' ? { ...progress, stage: 'relay' } : progress
}
