import { renderJsonSchema } from '../schema/json-schemas.ts'
import type { CommandContext } from './build-program.ts'

export async function schemaCommand(name: string, { console }: CommandContext): Promise<void> {
  await console.result(renderJsonSchema(name))
}
