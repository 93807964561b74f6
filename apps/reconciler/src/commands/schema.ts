import { renderJsonSchema, schemaNames } from '@hyperkit/reconcile/parts'
import { defineScript, positional } from '@hyperkit/script'
import * as v from 'valibot'
import { namedByManifest } from '../arguments/manifest-arguments.ts'
import { descriptions } from '../descriptions.ts'

export default defineScript({
  description: descriptions.schema,
  connects: false,
  refuses: { remote: 'it connects to no server', project: namedByManifest.project },
  args: v.object({
    document: v.optional(
      v.pipe(
        v.picklist(schemaNames),
        v.description('The document that the schema describes'),
        positional<(typeof schemaNames)[number]>('document'),
      ),
      'manifest',
    ),
  }),
  async run({ args, console }) {
    await console.result(renderJsonSchema(args.document))
  },
})
