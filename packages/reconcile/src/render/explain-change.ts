import type { Change, FieldChange } from '../documents/plan.ts'
import { readMark } from '../ownership/alias-mark.ts'
import { isMove } from '../plan/summarize-plan.ts'
import { madeFrom, originOf, shorten, showList, showName } from './describe-change.ts'
import { explainPrune } from './explain-prune.ts'

/** Why a change is there: what was found, and what the manifest says. */
export function explainChange(change: Change): string {
  switch (change.action) {
    case 'upload-image':
      return 'the server has no image with this content'
    case 'download-image':
      return `the server has no image with this content, which ${originOf(change)} has now`
    case 'copy-image':
      return `the server has no image with this content, and ${showName(change.from.server)} is to have it`
    case 'publish-image':
      return `no image says that it was published from this ${madeFrom(change)}`
    case 'update-image':
      return change.fields.map(explainField).join('; ')
    case 'create-alias':
      return 'the server has no such alias'
    case 'update-alias': {
      if (isMove(change))
        return `it names ${shorten(change.before.target)}, and the content of ${showName(change.image)} is ${shorten(change.after.target)}`
      const [before, after] = [change.before, change.after].map(
        ({ description }) => readMark(description).text,
      )
      return before === after
        ? 'it does not say yet whose it is'
        : `its description is ${JSON.stringify(before)}, and the manifest says ${JSON.stringify(after)}`
    }
    case 'remove-alias':
      return `the manifest says that ${showName(change.image)} shall be absent; something else needs the image`
    case 'delete-image':
      if (change.prune !== undefined) return explainPrune(change.prune)
      return `the manifest says that ${showName(change.image)} shall be absent, created it, and nothing else needs it`
  }
}

function explainField(change: FieldChange): string {
  // Neither is of an image that is there already.
  if (change.field === 'otherProperties' || change.field === 'filename')
    return `the manifest says what ${change.field === 'filename' ? 'it is called' : 'properties it has'}`
  if (change.field === 'property' && change.after === null && change.before !== null)
    return `property ${showName(change.key)} is ${JSON.stringify(change.before)}, and by the manifest it is not there`
  const name = change.field === 'property' ? `property ${showName(change.key)}` : change.field
  const show = (value: string | boolean | string[] | null): string =>
    Array.isArray(value) ? showList(value) : value === null ? 'not set' : JSON.stringify(value)
  return `${name} is ${show(change.before)}, and the manifest says ${show(change.after)}`
}
