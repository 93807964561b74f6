/**
 * A sentence that may come from a server, below a heading: its further lines are indented, so that none looks like a line of ours.
 */
export function renderMessage(message: string): string {
  return message.replace(/\r?\n/g, '\n      ')
}
