// Started by recording-permissions.test.ts: lists the images of the remote `lab`, and prints how that ended.
import { connect, recordIfAsked } from '@hyperkit/connect'
import { isHyperkitError } from '@hyperkit/core'

const client = await connect({
  remote: 'lab',
  client: 'incus',
  wrapTransport: (transport) => recordIfAsked(transport),
})
const code = await client.images.list().then(
  () => 'answered',
  (error) => (isHyperkitError(error) ? error.code : String(error)),
)
console.log(code)
