import * as v from 'valibot'

const units: Readonly<Record<string, number>> = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }

/** `67108864`, `512KiB`, `64MiB`, `1.5GiB` as bytes; a plain number is bytes. */
export const byteSize = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }): number => {
    const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(KiB|MiB|GiB)?$/.exec(dataset.value) ?? []
    const bytes = Number(number) * (units[unit] ?? Number.NaN)
    if (number !== '' && Number.isSafeInteger(Math.floor(bytes))) return Math.floor(bytes)
    addIssue({ message: 'it must be a size such as 67108864, 64MiB or 1GiB' })
    return NEVER
  }),
)
