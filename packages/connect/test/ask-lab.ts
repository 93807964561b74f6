// Started by recording-permissions.test.ts: asks the remote `lab` something, and prints how that ended.
import { connect } from '@hyperkit/connect'
import { isHyperkitError } from '@hyperkit/core'

const client = await connect({ remote: 'lab', client: 'incus' })
const code = await client.images.list().then(
  () => 'answered',
  (error) => (isHyperkitError(error) ? error.code : String(error)),
)
console.log(code)
