import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { JsonSchema } from '../../documents/json-schemas.ts'
import { renderJsonSchema, schemaNames } from './json-schemas.ts'

describe.each(schemaNames)('the JSON Schema of %s', (name) => {
  test('the JSON Schema in the folder "schema" is up to date', () => {
    const file = new URL(`../../../schema/${name}.schema.json`, import.meta.url)
    const command = `hyperkit-reconcile schema ${name} > schema/${name}.schema.json`
    expect(readFileSync(file, 'utf8'), `write it again with: ${command}`).toBe(renderJsonSchema(name))
  })

  test('the JSON Schema allows no unknown keys in any object', () => {
    const open: string[] = []
    const visit = (schema: JsonSchema, path: string): void => {
      if (
        schema.type === 'object' &&
        schema.properties !== undefined &&
        schema.additionalProperties !== false
      )
        open.push(path)
      for (const [key, value] of Object.entries(schema))
        if (value !== null && typeof value === 'object') visit(value as JsonSchema, `${path}/${key}`)
    }
    visit(JSON.parse(renderJsonSchema(name)), name)
    expect(open).toEqual([])
  })

  test('the JSON Schema describes every key that has more than one value', () => {
    const bare: string[] = []
    const visit = (schema: JsonSchema, path: string): void => {
      for (const [key, value] of Object.entries(schema.properties ?? {})) {
        if (value.description === undefined && value.const === undefined) bare.push(`${path}${key}`)
        visit(value, `${path}${key}.`)
      }
      for (const option of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) visit(option, path)
      if (schema.items !== undefined) visit(schema.items, `${path}*.`)
      if (typeof schema.additionalProperties === 'object') visit(schema.additionalProperties, `${path}*.`)
    }
    visit(JSON.parse(renderJsonSchema(name)), '')
    expect(bare, 'say what they mean in the schema').toEqual([])
  })
})
