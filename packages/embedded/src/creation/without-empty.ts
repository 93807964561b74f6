/** The database keeps no empty values: setting one removes the property. A NUL ends keys and values. */
export function withoutEmpty(properties: Readonly<Record<string, string>>): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [key, value] of Object.entries(properties)) {
    const stored = value.split('\0', 1)[0] ?? ''
    if (stored !== '') kept[key.split('\0', 1)[0] ?? ''] = stored
  }
  return kept
}
