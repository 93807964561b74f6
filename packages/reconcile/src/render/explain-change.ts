import type { Change, FieldChange } from '../documents/plan.ts'
import { readMark } from '../ownership/alias-mark.ts'
import { isMove } from '../plan/summarize-plan.ts'
import { madeFrom, originOf, shorten, showList, showName } from './describe-change.ts'
import { explainPrune } from './explain-prune.ts'

/** Why a change is planned: what was found, and what the manifest says. */
export function explainChange(change: Change): string {
  switch (change.action) {
    case 'upload-image':
      return 'the server has no image with this content'
    case 'download-image':
      return `the server has no image with the content that ${originOf(change)} has now`
    case 'copy-image':
      return `the server has no image with the content that ${showName(change.from.server)} has or will get`
    case 'publish-image':
      return `no image is marked as published from this ${madeFrom(change)}`
    case 'update-image':
      return change.fields.map(explainField).join('; ')
    case 'create-alias':
      return 'the server has no such alias'
    case 'update-alias': {
      if (isMove(change))
        return `it points at ${shorten(change.before.target)}, but the content of ${showName(change.image)} is ${shorten(change.after.target)}`
      const [before, after] = [change.before, change.after].map(
        ({ description }) => readMark(description).text,
      )
      return before === after
        ? 'it is not marked with its owner yet'
        : `its description is ${JSON.stringify(before)}, and the manifest says ${JSON.stringify(after)}`
    }
    case 'remove-alias':
      return `the manifest says that ${showName(change.image)} should be absent; the image stays, because something else needs it`
    case 'delete-image':
      if (change.prune !== undefined) return explainPrune(change.prune)
      return `the manifest says that ${showName(change.image)} should be absent; it created the image, and nothing else needs it`
  }
}

function explainField(change: FieldChange): string {
  // Only new images have these fields.
  if (change.field === 'otherProperties' || change.field === 'filename')
    return `the manifest sets ${change.field === 'filename' ? 'its file name' : 'all of its properties'}`
  if (change.field === 'property' && change.after === null && change.before !== null)
    return `property ${showName(change.key)} is ${JSON.stringify(change.before)}, and the manifest removes it`
  const name = change.field === 'property' ? `property ${showName(change.key)}` : change.field
  const show = (value: string | boolean | string[] | null): string =>
    Array.isArray(value) ? showList(value) : value === null ? 'not set' : JSON.stringify(value)
  return `${name} is ${show(change.before)}, and the manifest says ${show(change.after)}`
}
