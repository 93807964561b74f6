const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB']

/** Formats bytes in powers of 1000: `1 byte`, `512 bytes`, `12.3 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes === 1) return '1 byte'
  let value = bytes
  let unit = 0
  // 999.95 would be shown as 1000.0.
  while (unit < units.length - 1 && value >= (unit === 0 ? 1000 : 999.95)) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}
