/** Label names and their values; every sample of a family has the same names. */
export type Labels = Readonly<Record<string, string>>

export interface Counter {
  add(amount: number, labels?: Labels): void
}

export interface Gauge {
  set(value: number, labels?: Labels): void
  /** Removes the samples that have these labels. */
  remove(labels: Labels): void
}

export interface Histogram {
  observe(value: number, labels?: Labels): void
}

export interface Registry {
  counter(name: string, help: string): Counter
  gauge(name: string, help: string): Gauge
  /** @param buckets upper bounds, ascending; `+Inf` is added */
  histogram(name: string, help: string, buckets: readonly number[]): Histogram
  /** Removes the samples of all families that have these labels, such as those of a server that was removed. */
  remove(labels: Labels): void
  /** In Prometheus' text exposition format 0.0.4. */
  render(): string
}

interface Family {
  name: string
  help: string
  type: 'counter' | 'gauge' | 'histogram'
  /** By the name and the labels of the sample. */
  samples: Map<string, { name: string; labels: Labels; value: number }>
}

/** Holds metrics and renders them for Prometheus. Families and samples are rendered in the order in which they were added. */
export function createRegistry(): Registry {
  const families: Family[] = []
  const family = (name: string, help: string, type: Family['type']): Family => {
    const made: Family = { name, help, type, samples: new Map() }
    families.push(made)
    return made
  }
  return {
    counter(name, help) {
      const made = family(name, help, 'counter')
      return { add: (amount, labels = {}) => add(made, name, labels, amount) }
    },
    gauge(name, help) {
      const made = family(name, help, 'gauge')
      return {
        set: (value, labels = {}) => made.samples.set(keyOf(name, labels), { name, labels, value }),
        remove: (labels) => remove(made, labels),
      }
    },
    histogram(name, help, buckets) {
      const made = family(name, help, 'histogram')
      return {
        observe(value, labels = {}) {
          for (const bound of [...buckets, Number.POSITIVE_INFINITY])
            add(made, `${name}_bucket`, { ...labels, le: numberOf(bound) }, value <= bound ? 1 : 0)
          add(made, `${name}_sum`, labels, value)
          add(made, `${name}_count`, labels, 1)
        },
      }
    },
    remove(labels) {
      for (const each of families) remove(each, labels)
    },
    render: () => families.map(renderFamily).join(''),
  }
}

function add({ samples }: Family, name: string, labels: Labels, amount: number): void {
  const key = keyOf(name, labels)
  samples.set(key, { name, labels, value: (samples.get(key)?.value ?? 0) + amount })
}

function remove({ samples }: Family, labels: Labels): void {
  for (const [key, sample] of samples)
    if (Object.entries(labels).every(([name, value]) => sample.labels[name] === value)) samples.delete(key)
}

function keyOf(name: string, labels: Labels): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escapeValue(value)}"`)
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`
}

function renderFamily({ name, help, type, samples }: Family): string {
  const lines = [...samples].map(([key, { value }]) => `${key} ${numberOf(value)}\n`)
  return `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
}

function numberOf(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}
