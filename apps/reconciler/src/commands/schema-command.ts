import { renderJsonSchema } from '@hyperkit/reconcile/parts'
import type { CommandContext } from './command-context.ts'

export async function schemaCommand(name: string, { console }: CommandContext): Promise<void> {
  await console.result(renderJsonSchema(name))
}
